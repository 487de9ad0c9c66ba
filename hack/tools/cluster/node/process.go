package node

import (
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"ucorefs.io/maintenance/hack/tools/cluster/config"
	"ucorefs.io/maintenance/hack/tools/cluster/layout"
)

// restartDelay keeps a component that cannot start from filling the disk with its log.
const restartDelay = time.Second

// Died says which component ended while the cluster was still starting.
type Died struct{ Component string }

func (d Died) Error() string { return d.Component + " ended while starting" }

// processes are the components. Until started is closed the end of one is reported on died and final; afterwards it
// is started again.
type processes struct {
	started chan struct{}
	died    chan Died
}

func newProcesses() *processes {
	return &processes{started: make(chan struct{}), died: make(chan Died, 16)}
}

func (p *processes) start(c config.Component) error {
	out, err := os.OpenFile(layout.Dir(layout.Inside).Log(c.Name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("open a log for %s: %w", c.Name, err)
	}
	cmd, err := launch(c, out)
	if err != nil {
		return err
	}
	go p.keep(c, cmd, out)
	return nil
}

func launch(c config.Component, out *os.File) (*exec.Cmd, error) {
	cmd := exec.Command(filepath.Join(layout.InsideTools, c.Name), c.Args...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Name, err)
	}
	return cmd, nil
}

func (p *processes) keep(c config.Component, cmd *exec.Cmd, out *os.File) {
	for {
		err := cmd.Wait()
		log.Printf("%s ended: %v", c.Name, err)
		select {
		case <-p.started:
		default:
			p.died <- Died{c.Name}
			return
		}
		for {
			time.Sleep(restartDelay)
			if cmd, err = launch(c, out); err == nil {
				break
			}
			log.Print(err)
		}
	}
}
