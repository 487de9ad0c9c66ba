// Package mutations takes one guard after the other out of the product, and expects the campaign that watches the guard
// to fail. The package has tests only, and changes nothing on disk but below its temporary folder.
package mutations
