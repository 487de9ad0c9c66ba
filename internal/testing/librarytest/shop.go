package librarytest

import "fmt"

// Names of the shop's collections.
const (
	customers = "customers"
	orders    = "orders"
	lines     = "lines"
	coupons   = "coupons"
)

func shop() spec {
	return spec{
		name:        "shop",
		collections: []string{customers, orders, lines, coupons},
		references: []Reference{
			one(orders, "customer_id", customers, "brokenCustomerRefs", Report),
			many(orders, "coupon_ids", coupons, "brokenCouponRefs"),
			one(lines, "order_id", orders, "brokenLineRefs", Delete),
		},
		counters: []counters{{customers, []string{"order_count"}}, {orders, []string{"line_count", "total"}}},
		recount:  recountShop,
		generate: (*generator).shop,
	}
}

func recountShop(r recount) {
	r.set(customers, "order_count", r.referring(orders, "customer_id"))
	r.set(orders, "line_count", r.referring(lines, "order_id"))
	r.set(orders, "total", r.total(lines, "order_id", amount("amount")))
}

// shop makes Options.Directories customers, Tags coupons and Files orders with some lines each.
func (g *generator) shop() {
	for i := range g.o.Directories {
		g.add(customers, document("_id", g.newID(), "name", g.name(fmt.Sprintf("Customer %02d", i)), "order_count", int32(0)))
	}
	for i := range g.o.Tags {
		g.add(coupons, document("_id", g.newID(), "code", fmt.Sprintf("SAVE%02d", i)))
	}
	for range g.o.Files {
		g.order()
	}
	for range 3 * g.o.Files {
		g.add(lines, document("_id", g.newID(), "order_id", g.reference(orders, "order_id"), "amount", g.size(g.bytes())))
	}
}

func (g *generator) order() {
	g.add(orders, document(
		"_id", g.newID(), "customer_id", g.reference(customers, "customer_id"),
		"coupon_ids", g.references(coupons, 2, "coupon_ids"), "line_count", int32(0), "total", int32(0),
	))
}
