package mongodb

import (
	"context"
	"fmt"
)

// Writer writes to one connected database under a lock that its run holds alone, and reads as its Reader does. Only a
// Lease gives one. Every batch first asks whether the lock is still held: once it is lost or released, each method
// that writes answers ErrLockLost. Its methods may be called from several goroutines.
type Writer struct {
	*Reader
	lock *heldLock
}

// MayWrite is nil while the lock is held; do and collection say what is about to be done.
func (w *Writer) MayWrite(ctx context.Context, do, collection string) error {
	if err := w.lock.stillHeld(ctx); err != nil {
		return fmt.Errorf("%s %s: %w", do, collection, err)
	}
	return nil
}
