package files

import (
	"errors"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ErrEncrypted is the error for a folder whose names are encrypted and whose key is not loaded: it gives other names
// than were recorded, and finds nothing by those.
var ErrEncrypted = errors.New("its names are encrypted and the key is not loaded")

// readable is nil unless an open folder is encrypted (fscrypt: ext4, F2FS, UBIFS, CephFS) and its key cannot be seen
// to be there.
func readable(fd int) error {
	var st unix.Statx_t
	err := unix.Statx(fd, "", unix.AT_EMPTY_PATH, 0, &st)
	if err != nil || st.Attributes&unix.STATX_ATTR_ENCRYPTED == 0 {
		return nil // a file system that cannot tell has no encryption of this kind
	}
	policy := unix.FscryptGetPolicyExArg{Size: uint64(len(unix.FscryptGetPolicyExArg{}.Policy))}
	if !ioctl(fd, unix.FS_IOC_GET_ENCRYPTION_POLICY_EX, unsafe.Pointer(&policy)) {
		return ErrEncrypted
	}
	key := unix.FscryptGetKeyStatusArg{Key_spec: keyOf(policy.Policy[:])}
	known := ioctl(fd, unix.FS_IOC_GET_ENCRYPTION_KEY_STATUS, unsafe.Pointer(&key))
	if !known || key.Status != unix.FSCRYPT_KEY_STATUS_PRESENT {
		return ErrEncrypted
	}
	return nil
}

// keyOf is the key that a policy names: version 1 by a descriptor of 8 bytes behind 4 others, version 2 by an
// identifier of 16 behind 8 others.
func keyOf(policy []byte) (key unix.FscryptKeySpecifier) {
	if policy[0] == unix.FSCRYPT_POLICY_V1 {
		key.Type = unix.FSCRYPT_KEY_SPEC_TYPE_DESCRIPTOR
		copy(key.U[:], policy[4:12])
		return key
	}
	key.Type = unix.FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER
	copy(key.U[:], policy[8:24])
	return key
}

func ioctl(fd int, request uintptr, argument unsafe.Pointer) bool {
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(argument))
	return errno == 0
}
