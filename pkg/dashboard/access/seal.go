package access

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// MinKey is the least length of a session key, in bytes.
const MinKey = 32

// maxSession is how long a session lasts at most, whatever the token and the browser say: people leave browsers open.
const maxSession = 12 * time.Hour

// session is what the cookie of a visitor holds.
type session struct {
	id    string // random, no secret
	since time.Time
	token string
}

const idLength = 26 // of rand.Text

func newSession(token string, now time.Time) session {
	return session{id: rand.Text(), since: now, token: token}
}

// sealer encrypts sessions (AES-256-GCM). Replicas with the same key read each other's.
type sealer struct{ aead cipher.AEAD }

// newSealer takes MinKey or more random bytes, or none for a key of its own.
func newSealer(secret []byte) (sealer, error) {
	if len(secret) == 0 {
		secret = make([]byte, MinKey)
		rand.Read(secret) // never fails
	}
	if len(secret) < MinKey {
		return sealer{}, fmt.Errorf("the session key has %d bytes: write at least %d random bytes", len(secret), MinKey)
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "maintenance dashboard session v1", 32)
	if err != nil {
		return sealer{}, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return sealer{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return sealer{aead}, err
}

// seal makes text that a cookie can hold.
func (s sealer) seal(v session) string {
	plain := binary.BigEndian.AppendUint64(nil, uint64(v.since.Unix()))
	plain = append(append(plain, v.id...), v.token...)
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, plain, nil))
}

var errSession = errors.New("the session is not valid")

// open is the session that seal sealed, and an error if anybody changed a bit of it or it is older than maxSession.
func (s sealer) open(text string, now time.Time) (session, error) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return session{}, errSession
	}
	plain, err := s.aead.Open(nil, nil, sealed, nil)
	if err != nil || len(plain) <= 8+idLength {
		return session{}, errSession
	}
	since := time.Unix(int64(binary.BigEndian.Uint64(plain)), 0)
	if now.Sub(since) > maxSession {
		return session{}, errSession
	}
	return session{id: string(plain[8 : 8+idLength]), since: since, token: string(plain[8+idLength:])}, nil
}
