// Command sbom prints the bill of materials of a Go binary, made of what the linker wrote into the binary itself, as
// CycloneDX 1.5:
//
//	go run ./hack/sbom --version v1.2.3 bin/maint-job > dist/maint-job.cdx.json
//
// Every module that is linked is a component, with its version and the checksum that go.sum has of it; so is Go's
// standard library. There is no time and no serial number in it: the same binary gives the same document.
package main

import (
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("sbom", flag.ContinueOnError)
	version := flags.String("version", "", "the binary's own version (required)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *version == "" || flags.NArg() != 1 {
		return errors.New("usage: sbom --version VERSION BINARY")
	}
	info, err := buildinfo.ReadFile(flags.Arg(0))
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document(filepath.Base(flags.Arg(0)), *version, info))
}

// bom is a CycloneDX document, as far as it is used here: https://cyclonedx.org/docs/1.5/json/
type bom struct {
	Format       string       `json:"bomFormat"`
	SpecVersion  string       `json:"specVersion"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	PURL       string     `json:"purl"`
	Licenses   []license  `json:"licenses,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type license struct {
	Expression string `json:"expression"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn,omitempty"`
}

// document is pure: the bill of a binary with that name and version.
func document(name, version string, info *debug.BuildInfo) bom {
	own := component{Type: "application", Name: name, Version: version, PURL: purl(info.Main.Path, version),
		Licenses:   []license{{"Apache-2.0"}},
		Properties: settings(info)}
	own.Ref = own.PURL + "#" + strings.TrimPrefix(info.Path, info.Main.Path+"/")
	b := bom{Format: "CycloneDX", SpecVersion: "1.5", Version: 1, Metadata: metadata{own}}
	b.add(component{Type: "library", Name: "std", Version: strings.TrimPrefix(info.GoVersion, "go"),
		PURL: purl("std", strings.TrimPrefix(info.GoVersion, "go"))})
	for _, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		b.add(component{Type: "library", Name: module.Path, Version: module.Version, PURL: purl(module.Path, module.Version),
			Properties: []property{{"golang:sum", module.Sum}}})
	}
	direct := dependency{Ref: own.Ref}
	for _, c := range b.Components {
		direct.DependsOn = append(direct.DependsOn, c.Ref)
	}
	b.Dependencies = []dependency{direct}
	return b
}

func (b *bom) add(c component) {
	c.Ref = c.PURL
	b.Components = append(b.Components, c)
}

// settings are what the linker says of the build, but for what is no part of what was built.
func settings(info *debug.BuildInfo) (all []property) {
	for _, s := range info.Settings {
		all = append(all, property{"golang:build:" + s.Key, s.Value})
	}
	return all
}

// purl is a module's package URL: https://github.com/package-url/purl-spec. Versions may hold a plus, which has to be
// escaped.
func purl(module, version string) string {
	return "pkg:golang/" + module + "@" + strings.ReplaceAll(version, "+", "%2B")
}
