// Command coredns is CoreDNS with the plugins that the cluster's Corefile names (config/files/coredns.yaml), and no
// others: those of the release bring the SDKs of three clouds, which take ten minutes to compile.
package main

import (
	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/ready"
	_ "github.com/coredns/coredns/plugin/template"
)

func main() { coremain.Run() }
