package strictmongo

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Error is an error as a server answers it. The codes and their names are those of src/mongo/base/error_codes.yml in
// https://github.com/mongodb/mongo.
type Error struct {
	Code    int32
	Name    string
	Message string
	Labels  []string
}

func (e *Error) Error() string { return fmt.Sprintf("(%s) %s", e.Name, e.Message) }

// is makes an error of a code.
func (c code) is(format string, args ...any) *Error {
	return &Error{Code: c.number, Name: c.name, Message: fmt.Sprintf(format, args...)}
}

// code is one of the server's error codes.
type code struct {
	number int32
	name   string
}

var (
	badValue                 = code{2, "BadValue"}
	failedToParse            = code{9, "FailedToParse"}
	unauthorized             = code{13, "Unauthorized"}
	illegalOperation         = code{20, "IllegalOperation"}
	namespaceNotFound        = code{26, "NamespaceNotFound"}
	cursorNotFound           = code{43, "CursorNotFound"}
	namespaceExists          = code{48, "NamespaceExists"}
	maxTimeMSExpired         = code{50, "MaxTimeMSExpired"}
	dollarPrefixedFieldName  = code{52, "DollarPrefixedFieldName"}
	invalidIDField           = code{53, "InvalidIdField"}
	emptyFieldName           = code{56, "EmptyFieldName"}
	commandNotFound          = code{59, "CommandNotFound"}
	writeConcernTimeout      = code{64, "WriteConcernTimeout"}
	immutableField           = code{66, "ImmutableField"}
	indexOptionsConflict     = code{85, "IndexOptionsConflict"}
	indexKeySpecsConflict    = code{86, "IndexKeySpecsConflict"}
	documentValidation       = code{121, "DocumentValidationFailure"}
	commandNotSupportedView  = code{166, "CommandNotSupportedOnView"}
	invalidPipelineOperator  = code{168, "InvalidPipelineOperator"}
	apiVersionError          = code{322, "APIVersionError"}
	apiStrictError           = code{323, "APIStrictError"}
	atlasError               = code{8000, "AtlasError"}
	documentTooLarge         = code{10334, "BSONObjectTooLarge"}
	duplicateKey             = code{11000, "DuplicateKey"}
	resultTooLarge           = code{17419, "Location17419"}
	projectionDollar         = code{16410, "Location16410"}
	projectionCollision      = code{31249, "Location31249"}
	duplicateFieldOfCommand  = code{40413, "Location40413"}
	unknownFieldOfCommand    = code{40415, "Location40415"}
	unknownStage             = code{40324, "Location40324"}
	featureNotSupported      = code{303, "FeatureNotSupported"}
	cannotGrowCappedDocument = code{10003, "CannotGrowDocumentInCappedNamespace"}
)

// reply is the error as the answer to a command.
func (e *Error) reply() bson.D {
	d := bson.D{{Key: "ok", Value: 0.0}, {Key: "errmsg", Value: e.Message}, {Key: "code", Value: e.Code},
		{Key: "codeName", Value: e.Name}}
	if len(e.Labels) > 0 {
		d = append(d, bson.E{Key: "errorLabels", Value: e.Labels})
	}
	return d
}

// writeError is the error as that of one operation of a bulk.
func (e *Error) writeError(index int) bson.D {
	return bson.D{{Key: "index", Value: int32(index)}, {Key: "code", Value: e.Code}, {Key: "errmsg", Value: e.Message}}
}

// concernError is the error as that of a write concern: the write itself was done.
func (e *Error) concernError() bson.D {
	return bson.D{{Key: "code", Value: e.Code}, {Key: "codeName", Value: e.Name}, {Key: "errmsg", Value: e.Message}}
}
