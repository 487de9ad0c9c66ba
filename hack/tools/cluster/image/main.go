// Command image makes a container image of one static binary, without a container engine or a registry:
//
//	image --binary PATH --name REF --out FILE.tar [--entrypoint /NAME] [--user 65532:65532] [--label KEY=VALUE]...
//
// Beside the binary the image holds the host's certificate authorities, Go's time zones (ZONEINFO points to them),
// an /etc/passwd that knows root and nonroot (65532), and a writable /tmp. The same binary gives the same image.
// FILE.tar is read by "cluster load", "ctr images import" and "docker load".
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"ucorefs.io/maintenance/hack/tools/cluster/scratch"
)

// Where things lie in the image.
const (
	authorities = "/etc/ssl/certs/ca-certificates.crt"
	zones       = "/usr/share/zoneinfo.zip"
)

const passwd = `root:x:0:0:root:/:/nologin
nonroot:x:65532:65532:nonroot:/tmp:/nologin
`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("image", flag.ExitOnError)
	binary := flags.String("binary", "", "the static binary (required)")
	ref := flags.String("name", "", "the image's name, such as ucorefs/maint-job:dev (required)")
	out := flags.String("out", "", "the tarball to write (required)")
	entrypoint := flags.String("entrypoint", "", "the binary's path in the image (default: / and its own name)")
	user := flags.String("user", "65532:65532", "UID:GID to run as")
	labels := map[string]string{}
	flags.Func("label", "KEY=VALUE, a label of the image; repeatable", func(label string) error {
		key, value, ok := strings.Cut(label, "=")
		if labels[key] = value; !ok {
			return errors.New("write KEY=VALUE")
		}
		return nil
	})
	_ = flags.Parse(args)
	if *binary == "" || *ref == "" || *out == "" {
		return errors.New("--binary, --name and --out are required; see image --help")
	}
	if *entrypoint == "" {
		*entrypoint = "/" + filepath.Base(*binary)
	}
	files, err := files()
	if err != nil {
		return err
	}
	return scratch.Write(scratch.Spec{
		Binary: *binary, Entrypoint: *entrypoint, User: *user, Files: files, Labels: labels,
		Env: []string{"ZONEINFO=" + zones, "SSL_CERT_FILE=" + authorities},
	}, *ref, *out)
}

func files() ([]scratch.File, error) {
	certificates, err := os.ReadFile(authorities)
	if err != nil {
		return nil, fmt.Errorf("certificate authorities (hack/tools/packages.sh installs them): %w", err)
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("ask go where its time zones are: %w", err)
	}
	zoneinfo, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(goroot)), "lib/time/zoneinfo.zip"))
	if err != nil {
		return nil, fmt.Errorf("read go's time zones: %w", err)
	}
	return []scratch.File{
		{Path: authorities, Mode: 0o644, Data: certificates},
		{Path: zones, Mode: 0o644, Data: zoneinfo},
		{Path: "/etc/passwd", Mode: 0o644, Data: []byte(passwd)},
		{Path: "/etc/group", Mode: 0o644, Data: []byte("root:x:0:\nnonroot:x:65532:\n")},
	}, nil
}
