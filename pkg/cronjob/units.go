package cronjob

import (
	"fmt"
	"regexp"

	"k8s.io/apimachinery/pkg/api/resource"
)

// leastSize is the smallest size that anybody means: what is less was written without its unit, and is so many bytes.
var leastSize = resource.MustParse("1Mi")

// bareNumber is a number without a unit, or with m, which means thousandths and not mega.
var bareNumber = regexp.MustCompile(`^([1-9][0-9]*)m?$`)

// checkSize refuses a size that lacks its unit: a cache of ten bytes would be an empty one. Unit is the one that it was
// probably meant in, such as Gi. A negative size is refused by its own rule.
func checkSize(size resource.Quantity, unit string) error {
	if size.Sign() < 0 || size.Cmp(leastSize) >= 0 {
		return nil
	}
	hint := "write 1Mi or more"
	if number := bareNumber.FindStringSubmatch(size.String()); number != nil {
		hint = fmt.Sprintf("did you mean %s%s?", number[1], unit)
	}
	return fmt.Errorf("it is %s, which is less than 1Mi, and a number without a unit is in bytes: %s", size.String(), hint)
}
