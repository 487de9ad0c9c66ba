package files_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/files"
)

// encryptable mounts a disk of its own that can encrypt folders.
func encryptable(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat("/sys/fs/ext4/features/encryption"); err != nil {
		t.Skip("this kernel encrypts no folders")
	}
	image, disk := filepath.Join(t.TempDir(), "image"), t.TempDir()
	ok(t, os.WriteFile(image, nil, 0o600), os.Truncate(image, 16<<20))
	for _, command := range [][]string{{"mkfs.ext4", "-q", "-O", "encrypt", image}, {"mount", "-o", "loop", image, disk}} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Skipf("no disk that can encrypt folders: %v %v: %s", command, err, out)
		}
	}
	t.Cleanup(func() { _ = unix.Unmount(disk, unix.MNT_DETACH) })
	return disk
}

func control(t *testing.T, folder string, request uintptr, argument unsafe.Pointer) {
	t.Helper()
	f, err := os.Open(folder)
	ok(t, err)
	defer f.Close()
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), request, uintptr(argument)); errno != 0 {
		t.Fatalf("ioctl %x on %s: %v", request, folder, errno)
	}
}

// addKey loads the one key of these tests, and gives its name.
func addKey(t *testing.T, disk string) unix.FscryptKeySpecifier {
	t.Helper()
	request := struct {
		unix.FscryptAddKeyArg
		Raw [64]byte
	}{FscryptAddKeyArg: unix.FscryptAddKeyArg{Key_spec: unix.FscryptKeySpecifier{Type: unix.FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER}, Raw_size: 64}}
	copy(request.Raw[:], bytes.Repeat([]byte{7}, 64))
	control(t, disk, unix.FS_IOC_ADD_ENCRYPTION_KEY, unsafe.Pointer(&request))
	return request.Key_spec
}

// Seen to fail without the look at the key: the listing was complete, lacked every recorded name, and no such name was
// found.
func TestAnEncryptedFolderWhoseKeyIsNotLoadedIsNotListed(t *testing.T) {
	if !inMountNamespace(t) {
		return
	}
	disk := encryptable(t)
	key := addKey(t, disk)
	private := filepath.Join(disk, "private")
	policy := [24]byte{unix.FSCRYPT_POLICY_V2, unix.FSCRYPT_MODE_AES_256_XTS, unix.FSCRYPT_MODE_AES_256_CTS,
		unix.FSCRYPT_POLICY_FLAGS_PAD_32}
	copy(policy[8:], key.U[:16])
	ok(t, os.Mkdir(private, 0o755))
	control(t, private, unix.FS_IOC_SET_ENCRYPTION_POLICY, unsafe.Pointer(&policy))
	ok(t, os.WriteFile(filepath.Join(private, "a.jpg"), nil, 0o644))

	l := openLibrary(t, disk)
	if found, err := l.Exists("private/a.jpg"); l.List("private", func(string, bool) {}) != nil || !found || err != nil {
		t.Fatalf("with its key: found %v, %v", found, err)
	}
	unix.Sync() // a key stays as long as something below it is to be written
	remove := unix.FscryptRemoveKeyArg{Key_spec: key}
	control(t, disk, unix.FS_IOC_REMOVE_ENCRYPTION_KEY, unsafe.Pointer(&remove))
	if err := l.List("private", func(string, bool) {}); !errors.Is(err, files.ErrEncrypted) {
		t.Errorf("without its key: %v", err)
	}
	addKey(t, disk)
	if err := l.List("private", func(string, bool) {}); err != nil {
		t.Errorf("with its key again: %v", err)
	}
}
