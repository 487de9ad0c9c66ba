// Package browser holds the tests of the dashboard in a real browser, Debian's Chromium: what changes by itself, what
// the keyboard reaches, what axe-core finds, and the screenshots of the documentation. It must not be linked by
// anything that ships.
package browser
