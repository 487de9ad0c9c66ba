// Command image makes a container image of one static binary, without a container engine:
//
//	image --binary PATH --name REF --out FILE.tar               for this machine's architecture
//	image --binary ARCH=PATH... --name REF --archive FILE.tar   one image for several, as an OCI archive
//	image --binary ARCH=PATH... --name REF --push               the same, to the registry that REF names
//
// with [--entrypoint /NAME] [--user 65532:65532] [--label KEY=VALUE]...
//
// Beside the binary the image holds the host's certificate authorities, Go's time zones (ZONEINFO points to them),
// an /etc/passwd that knows root and nonroot (65532), and a writable /tmp. The same binaries give the same image.
// FILE.tar is read by "cluster load", "ctr images import" and "docker load", an OCI archive by "ctr images import",
// skopeo and crane. --push prints the image's reference by digest.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"ucorefs.io/maintenance/hack/tools/scratch"
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

// options are the command line.
type options struct {
	binaries   []string // PATH or ARCH=PATH
	ref        string
	out        string
	archive    string
	push       bool
	entrypoint string
	user       string
	labels     map[string]string
}

func run(args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	files, err := files()
	if err != nil {
		return err
	}
	specs := make([]scratch.Spec, len(o.binaries))
	for i, binary := range o.binaries {
		specs[i] = o.spec(binary, files)
	}
	if o.out != "" {
		return scratch.Write(specs[0], o.ref, o.out)
	}
	index, err := scratch.Index(specs)
	if err != nil {
		return err
	}
	if o.archive != "" {
		return scratch.WriteArchive(index, o.ref, o.archive)
	}
	pushed, err := scratch.Push(index, o.ref)
	if err == nil {
		fmt.Println(pushed)
	}
	return err
}

func parse(args []string) (o options, err error) {
	o.labels = map[string]string{}
	flags := flag.NewFlagSet("image", flag.ExitOnError)
	flags.Func("binary", "PATH, or ARCH=PATH, of a static binary (required, repeatable)", func(b string) error {
		o.binaries = append(o.binaries, b)
		return nil
	})
	flags.StringVar(&o.ref, "name", "", "the image's name, such as ucorefs/maint-job:dev (required)")
	flags.StringVar(&o.out, "out", "", "the tarball to write")
	flags.StringVar(&o.archive, "archive", "", "the OCI archive to write")
	flags.BoolVar(&o.push, "push", false, "push the image")
	flags.StringVar(&o.entrypoint, "entrypoint", "", "the binary's path in the image (default: / and its own name)")
	flags.StringVar(&o.user, "user", "65532:65532", "UID:GID to run as")
	flags.Func("label", "KEY=VALUE, a label of the image; repeatable", func(label string) error {
		key, value, ok := strings.Cut(label, "=")
		if o.labels[key] = value; !ok {
			return errors.New("write KEY=VALUE")
		}
		return nil
	})
	_ = flags.Parse(args)
	return o, o.check()
}

func (o options) check() error {
	ways := 0
	for _, way := range []bool{o.out != "", o.archive != "", o.push} {
		if way {
			ways++
		}
	}
	if len(o.binaries) == 0 || o.ref == "" || ways != 1 {
		return errors.New("--binary, --name and one of --out, --archive and --push are required; see image --help")
	}
	for _, binary := range o.binaries {
		if single := o.out != ""; single == strings.Contains(binary, "=") || single && len(o.binaries) > 1 {
			return errors.New("write one --binary PATH with --out, and --binary ARCH=PATH with --archive and --push")
		}
	}
	return nil
}

// spec is the image of one binary.
func (o options) spec(binary string, files []scratch.File) scratch.Spec {
	architecture, path, ok := strings.Cut(binary, "=")
	if !ok {
		architecture, path = "", binary
	}
	entrypoint := o.entrypoint
	if entrypoint == "" {
		entrypoint = "/" + filepath.Base(path)
	}
	return scratch.Spec{
		Binary: path, Architecture: architecture, Entrypoint: entrypoint, User: o.user, Files: files, Labels: o.labels,
		Env: []string{"ZONEINFO=" + zones, "SSL_CERT_FILE=" + authorities}, Compress: ok,
	}
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
