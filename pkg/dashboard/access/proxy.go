package access

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"k8s.io/client-go/rest"
)

// ProxyOptions are how Proxy works.
type ProxyOptions struct {
	// Cluster reaches the API server with the right to impersonate the visitors.
	Cluster *rest.Config
	// From are the addresses of the proxy. Headers from any other address are not believed.
	From []netip.Prefix
	// UserHeader names the visitor, such as X-Forwarded-User.
	UserHeader string
	// GroupsHeader names the visitor's groups, separated by commas.
	GroupsHeader string
	// Groups are the groups that are passed on to the API server. A visitor's other groups are left out.
	Groups []string
	// Log gets who was refused.
	Log *slog.Logger
}

// Proxy believes an authenticating proxy who the visitor is, and impersonates that user. It never impersonates a user
// or a group of Kubernetes itself (system:...).
type Proxy struct {
	o   ProxyOptions
	key []byte // of the visitors' keys
}

// reserved begins the names that belong to Kubernetes itself, system:masters among them.
const reserved = "system:"

var headerName = regexp.MustCompile(`^[A-Za-z0-9-]+$`)

// NewProxy checks the options.
func NewProxy(o ProxyOptions) (*Proxy, error) {
	if len(o.From) == 0 {
		return nil, errors.New("no address of the proxy is named: anybody could claim to be anybody")
	}
	for _, prefix := range o.From {
		if prefix.Bits() == 0 {
			return nil, fmt.Errorf("%s is every address: name those of the proxy only", prefix)
		}
	}
	if !headerName.MatchString(o.UserHeader) || !headerName.MatchString(o.GroupsHeader) {
		return nil, fmt.Errorf("%q and %q: both have to be names of headers, such as X-Forwarded-User", o.UserHeader,
			o.GroupsHeader)
	}
	if i := slices.IndexFunc(o.Groups, isReserved); i >= 0 {
		return nil, fmt.Errorf("the group %s belongs to Kubernetes itself and is never impersonated: name groups of your own",
			o.Groups[i])
	}
	key := make([]byte, sha256.Size)
	rand.Read(key) // never fails
	return &Proxy{o: o, key: key}, nil
}

// Protect serves next to the visitors that the proxy names.
func (p *Proxy) Protect(next http.Handler) http.Handler {
	return protect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		visitor, err := p.visitor(r)
		if err != nil {
			p.o.Log.Warn("a request is refused", "from", r.RemoteAddr, "why", err.Error())
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r.WithContext(With(r.Context(), visitor)))
	}))
}

// visitor is whom the headers name. The connection's own address decides whether they are believed, never a header.
func (p *Proxy) visitor(r *http.Request) (Visitor, error) {
	if !p.trusted(r.RemoteAddr) {
		return Visitor{}, errors.New("the dashboard is reached only through its authenticating proxy")
	}
	user, err := one(r.Header, p.o.UserHeader)
	if err != nil {
		return Visitor{}, err
	}
	if user == "" {
		return Visitor{}, fmt.Errorf("the proxy names no user in %s", p.o.UserHeader)
	}
	groups, err := p.groups(r.Header)
	if err != nil {
		return Visitor{}, err
	}
	if isReserved(user) {
		return Visitor{}, errors.New("the proxy names a user of Kubernetes itself, which is never impersonated")
	}
	config := rest.CopyConfig(p.o.Cluster)
	config.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: groups}
	return Visitor{Name: user, Config: config, Key: p.sessionKey(user, groups)}, nil
}

func (p *Proxy) trusted(remote string) bool {
	address, err := netip.ParseAddrPort(remote)
	if err != nil {
		return false
	}
	plain := address.Addr().Unmap().WithZone("")
	return slices.ContainsFunc(p.o.From, func(prefix netip.Prefix) bool { return prefix.Contains(plain) })
}

// groups are the visitor's groups among those that are passed on, in order.
func (p *Proxy) groups(header http.Header) ([]string, error) {
	text, err := one(header, p.o.GroupsHeader)
	if err != nil {
		return nil, err
	}
	var groups []string
	for group := range strings.SplitSeq(text, ",") {
		group = strings.TrimSpace(group)
		if isReserved(group) {
			return nil, errors.New("the proxy names a group of Kubernetes itself, which is never impersonated")
		}
		if slices.Contains(p.o.Groups, group) {
			groups = append(groups, group)
		}
	}
	slices.Sort(groups)
	return slices.Compact(groups), nil
}

// one is the value of a header. A header that is there twice may be the visitor's own beside the proxy's.
func one(header http.Header, name string) (string, error) {
	values := header.Values(name)
	if len(values) > 1 {
		return "", fmt.Errorf("the header %s is there %d times: let the proxy replace what visitors send", name, len(values))
	}
	return strings.TrimSpace(strings.Join(values, "")), nil
}

func isReserved(name string) bool { return strings.HasPrefix(strings.ToLower(name), reserved) }

// sessionKey is the same for the same rights.
func (p *Proxy) sessionKey(user string, groups []string) string {
	mac := hmac.New(sha256.New, p.key)
	for _, text := range append([]string{user}, groups...) {
		fmt.Fprintf(mac, "%d:%s", len(text), text)
	}
	return hex.EncodeToString(mac.Sum(nil))
}
