package node

import (
	"io"
	"net"
	"os"
	"time"

	"ucorefs.io/maintenance/hack/tools/cluster/layout"
)

// forwardAPI hands every connection the host makes to the API server. The listening socket was made in the host's
// network namespace and stays there; what is dialed here is in the cluster's.
func forwardAPI(fd uintptr) error {
	file := os.NewFile(fd, "api-listener")
	listener, err := net.FileListener(file)
	if err != nil {
		return err
	}
	file.Close()
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				time.Sleep(100 * time.Millisecond) // out of descriptors: let some be closed
				continue
			}
			go forward(client)
		}
	}()
	return nil
}

func forward(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", layout.APIPort))
	if err != nil {
		return
	}
	defer server.Close()
	done := make(chan struct{}, 2)
	pipe := func(to, from net.Conn) {
		_, _ = io.Copy(to, from)
		_ = to.(*net.TCPConn).CloseWrite()
		done <- struct{}{}
	}
	go pipe(server, client)
	go pipe(client, server)
	<-done
	<-done
}
