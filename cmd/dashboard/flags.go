package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"

	"github.com/spf13/pflag"
)

// The ways to know who a visitor is.
const (
	authToken = "token"
	authProxy = "proxy"
)

// options are what the flags say.
type options struct {
	version       bool
	logLevel      slog.Level
	listen        string
	healthListen  string
	certDir       string
	plainHTTP     bool
	namespace     string
	auth          string
	apiServer     string
	apiServerCA   string
	sessionKey    string
	proxyCIDRs    []netip.Prefix
	userHeader    string
	groupsHeader  string
	proxiedGroups []string
}

// texts are flags whose value has to be understood first.
type texts struct {
	logLevel string
	cidrs    []string
}

func parse(args []string, errOut io.Writer) (options, error) {
	var o options
	var t texts
	flags := pflag.NewFlagSet("dashboard", pflag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.SortFlags = false
	addFlags(flags, &o, &t)
	addAuthFlags(flags, &o, &t)
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("%q is not a flag: the dashboard takes flags only", flags.Arg(0))
	}
	if o.version {
		return o, nil
	}
	return o, o.understand(t)
}

func addFlags(flags *pflag.FlagSet, o *options, t *texts) {
	flags.BoolVar(&o.version, "version", false, "print the version and exit")
	flags.StringVar(&t.logLevel, "log-level", "info", "debug, info, warn or error")
	flags.StringVar(&o.listen, "listen", ":8443", "the address to serve the page on")
	flags.StringVar(&o.healthListen, "health-listen", ":8081",
		"the address to serve /healthz and /readyz on, over plain HTTP; 0: do not serve it")
	flags.StringVar(&o.certDir, "tls-cert-dir", "",
		"the folder with tls.crt and tls.key; both are read again when they change")
	flags.BoolVar(&o.plainHTTP, "plain-http", false,
		"serve plain HTTP, because something in front of the dashboard, such as an Ingress, terminates TLS")
	flags.StringVar(&o.namespace, "namespace", "", "the only namespace to show (default: all that the visitor may see)")
}

func addAuthFlags(flags *pflag.FlagSet, o *options, t *texts) {
	flags.StringVar(&o.auth, "auth", "",
		"how to know who a visitor is (required): token (visitors sign in with their own bearer token) or proxy (an "+
			"authenticating proxy names the user)")
	flags.StringVar(&o.apiServer, "api-server", "",
		"token: the address of the API server (default: the one of this cluster)")
	flags.StringVar(&o.apiServerCA, "api-server-ca-file", "",
		"token: the file with the CA certificate of the API server (default: the system's CAs)")
	flags.StringVar(&o.sessionKey, "session-key-file", "",
		"token: a file of 32 or more random bytes that encrypts the cookies; replicas need the same one (default: a new "+
			"key at each start)")
	flags.StringSliceVar(&t.cidrs, "proxy-cidr", nil,
		"proxy: an address range of the proxy, such as 10.1.2.3/32; repeatable (required)")
	flags.StringVar(&o.userHeader, "proxy-user-header", "X-Forwarded-User", "proxy: the header with the user's name")
	flags.StringVar(&o.groupsHeader, "proxy-groups-header", "X-Forwarded-Groups",
		"proxy: the header with the user's groups, separated by commas")
	flags.StringSliceVar(&o.proxiedGroups, "proxy-group", nil,
		"proxy: a group to impersonate if the header names it; other groups are ignored; repeatable")
}

func (o *options) understand(t texts) error {
	if err := o.logLevel.UnmarshalText([]byte(t.logLevel)); err != nil {
		return fmt.Errorf("--log-level %q: write debug, info, warn or error", t.logLevel)
	}
	if (o.certDir == "") != o.plainHTTP {
		return errors.New("set either --tls-cert-dir, or --plain-http if something in front of the dashboard terminates TLS")
	}
	for _, text := range t.cidrs {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return fmt.Errorf("--proxy-cidr %q: write a range such as 10.1.2.3/32", text)
		}
		o.proxyCIDRs = append(o.proxyCIDRs, prefix)
	}
	return o.understandAuth()
}

// understandAuth lets nobody mix the two ways: a forgotten flag of one must not weaken the other.
func (o *options) understandAuth() error {
	switch o.auth {
	case authToken:
		if len(o.proxyCIDRs)+len(o.proxiedGroups) > 0 {
			return errors.New("--proxy-cidr and --proxy-group need --auth=proxy")
		}
	case authProxy:
		if len(o.proxyCIDRs) == 0 {
			return errors.New("--proxy-cidr is not set: name the addresses of the proxy, the only ones from which its headers " +
				"are believed")
		}
		if o.apiServer+o.apiServerCA+o.sessionKey != "" {
			return errors.New("--api-server, --api-server-ca-file and --session-key-file need --auth=token")
		}
	default:
		return fmt.Errorf("--auth %q: write token or proxy; there is no way in without authentication", o.auth)
	}
	return nil
}
