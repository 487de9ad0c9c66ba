package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"ucorefs.io/maintenance/pkg/dashboard"
	"ucorefs.io/maintenance/pkg/dashboard/access"
	"ucorefs.io/maintenance/pkg/dashboard/server"
	"ucorefs.io/maintenance/pkg/kubectlmaint"
)

const dashboardHelp = `Serve the dashboard on this machine until you press Ctrl-C, and open it in a browser. The page
acts as the user of your kubeconfig, with the rights that this user has. It answers on the loopback address only,
and the address that is printed lets in one browser, once.

With --namespace the page shows that namespace; without it, all that you may see. On a machine that others use, too,
write --no-open and paste the address: other users can read the command line of a browser that is being started.`

// serving is the command line of `kubectl maint dashboard`.
type serving struct {
	port   uint16
	noOpen bool
}

// dashboard serves the page.
func (s *session) dashboard() *cobra.Command {
	var o serving
	cmd := &cobra.Command{Use: "dashboard", Short: "Serve the dashboard on this machine and open it in a browser",
		Long: dashboardHelp, Args: cobra.NoArgs}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := s.serve(cmd.Context(), o); err != nil {
			return &failure{err}
		}
		return nil
	}
	cmd.Flags().Uint16Var(&o.port, "port", 0, "the port of the loopback address; 0: any that is free")
	cmd.Flags().BoolVar(&o.noOpen, "no-open", false, "print the address only")
	return cmd
}

// serve answers until ctx ends.
func (s *session) serve(ctx context.Context, o serving) error {
	config, err := s.restConfig()
	if err != nil {
		return err
	}
	listener, err := listen(o.port)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(s.errs, nil))
	way := access.NewLoopback(userOf(ctx, config), config)
	address := "http://" + listener.Addr().String() + way.Path()
	fmt.Fprintf(s.out, "The dashboard is at %s\nThe address works once, in one browser. Ctrl-C ends the dashboard.\n",
		address)
	if !o.noOpen {
		if err := s.open(address); err != nil {
			fmt.Fprintln(s.errs, "kubectl maint: no browser could be opened: copy the address into one:", err)
		}
	}
	page := dashboard.New(dashboard.Options{Namespace: *s.flags.Namespace, Clock: s.now, Version: version, Log: log})
	return server.Serve(ctx, listener, way.Protect(page), nil, log)
}

// restConfig is how to reach the cluster. A kubeconfig that names none would lead to port 8080 of this machine.
func (s *session) restConfig() (*rest.Config, error) {
	raw, err := s.flags.ToRawKubeConfigLoader().RawConfig()
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig: %w", err)
	}
	if len(raw.Clusters) == 0 && *s.flags.APIServer == "" && os.Getenv("KUBERNETES_SERVICE_HOST") == "" {
		return nil, errors.New("the kubeconfig names no cluster: set KUBECONFIG, or write --kubeconfig FILE")
	}
	config, err := s.flags.ToRESTConfig()
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig: %w", err)
	}
	config.UserAgent = kubectlmaint.FieldManager + "/" + version
	return config, nil
}

// listen takes a port of the loopback address.
func listen(port uint16) (net.Listener, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(int(port))))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("another program uses the port %d: write another one after --port, "+
			"or leave it out for any that is free", port)
	}
	return listener, err
}

// whoTime is how long the API server may take to name the user; the page works without the name.
const whoTime = 5 * time.Second

// userOf is how the API server calls the user; empty where it does not say.
func userOf(ctx context.Context, config *rest.Config) string {
	ctx, cancel := context.WithTimeout(ctx, whoTime)
	defer cancel()
	kube, err := kubernetes.NewForConfig(config)
	if err != nil {
		return ""
	}
	review, err := kube.AuthenticationV1().SelfSubjectReviews().
		Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return ""
	}
	return review.Status.UserInfo.Username
}

// openBrowser opens an address as the desktop would.
func openBrowser(address string) error {
	switch runtime.GOOS {
	case "darwin":
		return exec.Command("open", address).Start()
	case "windows":
		return exec.Command("rundll32", "url.dll,FileProtocolHandler", address).Start()
	}
	return exec.Command("xdg-open", address).Start()
}
