// Package strictmongo is a MongoDB server for tests, in memory, that is as strict as the real one where FerretDB is not: limits of
// size, dollars and dots in names, type brackets, transaction numbers, errors for each operation of a bulk, write concerns that
// fail, unique indexes, collations, capped collections, views, validators, the Stable API, and rights.
//
// It answers only the commands and operators that the product sends. Any other command is CommandNotFound, and any other
// operator an error, so that a test notices what is new. Each rule names its source, a page of the MongoDB manual or a file of
// the server.
//
// It must not be linked by anything that ships, nor import the product or the driver's client: what the product is checked
// against must not be able to share its mistakes.
package strictmongo
