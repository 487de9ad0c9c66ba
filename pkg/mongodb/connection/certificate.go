package connection

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"os"
	"strings"

	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// CertificateError says that TLS cannot be spoken with the server as things are: no retry mends it.
type CertificateError struct {
	Hint  string
	Cause error
}

func (e *CertificateError) Error() string { return e.Hint + " (" + e.Cause.Error() + ")" }

func (e *CertificateError) Unwrap() error { return e.Cause }

// certificateError is what is wrong between two certificates, or nil where that is not what an error is about.
func certificateError(err error) error {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var remote *net.OpError
	var plain tls.RecordHeaderError
	hint := ""
	switch {
	case errors.As(err, &unknown):
		hint = "the MongoDB server's certificate is signed by an authority that is not known here: name the file with its " +
			"certificate in the connection string, tlsCAFile=/etc/mongodb-tls/ca.crt for a key ca.crt of database.tlsSecretName"
	case errors.As(err, &host):
		hint = "the MongoDB server's certificate is not for the host in the connection string: use a name that it is for"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		hint = "the MongoDB server's certificate has expired, or is not valid yet: renew it, or set the clock"
	case errors.As(err, &invalid):
		hint = "the MongoDB server's certificate cannot be used"
	case errors.As(err, &remote) && remote.Op == "remote error" && !strings.Contains(remote.Err.Error(), "certificate"):
		hint = "the MongoDB server does not agree to speak TLS with this program"
	case errors.As(err, &remote) && remote.Op == "remote error":
		hint = "the MongoDB server did not take this client's certificate: name one that it takes in the connection " +
			"string, with tlsCertificateFile and tlsPrivateKeyFile"
	case errors.As(err, &plain):
		hint = "the MongoDB server does not speak TLS: leave tls=true out of the connection string"
	default:
		return nil
	}
	return &CertificateError{Hint: hint, Cause: err}
}

// fileOptions are the options of a connection string that name files.
var fileOptions = []string{"tlsCAFile", "sslCertificateAuthorityFile", "tlsCertificateFile", "tlsPrivateKeyFile",
	"tlsCertificateKeyFile", "sslClientCertificateKeyFile"}

// fileProblem is what is wrong with the files that a connection string names, which the driver refuses; empty where it
// is something else. What the option says is no part of it: it may be a piece of a password.
func fileProblem(uri string) string {
	base, query, _ := strings.Cut(uri, "?")
	var others, named []string
	for pair := range strings.SplitSeq(query, "&") {
		option, value, _ := strings.Cut(pair, "=")
		if !isFileOption(option) {
			others = append(others, pair)
			continue
		}
		if named = append(named, canonical(option)); !readable(value) {
			return "the file that " + canonical(option) +
				" names cannot be read: in a pod, is there a Secret of that name (database.tlsSecretName), and has it that key?"
		}
	}
	if len(named) == 0 || options.Client().ApplyURI(base+"?"+strings.Join(others, "&")).Validate() != nil {
		return ""
	}
	return "the files that " + strings.Join(named, ", ") +
		" name are no certificates and keys as PEM, or a certificate and a key do not belong together"
}

func isFileOption(option string) bool { return canonical(option) != "" }

// canonical is an option as it is documented: names of options have no case.
func canonical(option string) string {
	for _, known := range fileOptions {
		if strings.EqualFold(option, known) {
			return known
		}
	}
	return ""
}

func readable(value string) bool {
	path, err := url.QueryUnescape(value)
	if err != nil {
		return false
	}
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	return file.Close() == nil
}
