package recount

// nest is which document lies in which, by one field. Real libraries make it no tree: a parent may not exist, and
// parents may form a cycle. Each document has at most one parent, so what hangs together is a tree, or one cycle with
// trees on it.
type nest struct {
	place   int     // of the field in a row
	parents []int32 // the place of each document's parent, or none
}

const none = int32(-1)

// fold adds, in sums, what each document counts to those above it: from the leaves up, then around each cycle.
func (n nest) fold(sums []int64) []int64 {
	waiting := make([]int32, len(sums)) // documents directly below whose sum is not known yet
	for _, p := range n.parents {
		if p != none {
			waiting[p]++
		}
	}
	n.foldLeaves(sums, waiting)
	n.foldCycles(sums, waiting)
	return sums
}

func (n nest) foldLeaves(sums []int64, waiting []int32) {
	var ready []int32
	for i := range sums {
		if waiting[i] == 0 {
			ready = append(ready, int32(i))
		}
	}
	for len(ready) > 0 {
		i := ready[len(ready)-1]
		ready = ready[:len(ready)-1]
		p := n.parents[i]
		if p == none {
			continue
		}
		sums[p] = plus(sums[p], sums[i])
		if waiting[p]--; waiting[p] == 0 {
			ready = append(ready, p)
		}
	}
}

// foldCycles gives every member of a cycle the sum of the cycle. What still waits after the leaves are folded is on
// one.
func (n nest) foldCycles(sums []int64, waiting []int32) {
	for start := range sums {
		if waiting[start] <= 0 {
			continue
		}
		var sum int64
		for i := int32(start); waiting[i] > 0; i = n.parents[i] {
			waiting[i] = 0
			sum = plus(sum, sums[i])
		}
		sums[start] = sum
		for i := n.parents[start]; i != int32(start); i = n.parents[i] {
			sums[i] = sum
		}
	}
}
