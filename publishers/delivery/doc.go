// Package delivery sends changes to addresses of other programs at least once. An
// [Endpoint] follows the stream, notes the deliveries that its filter asks for in a
// key-value bucket of the broker, and makes them in the stream's order; any number of
// processes may run the same one. A delivery that fails is made again after growing
// pauses, and one that is given up is kept until it is replayed.
//
// A [Kind] of delivery builds the request. It passes [deliverytest.TestDelivery].
//
// [deliverytest.TestDelivery]: https://pkg.go.dev/netsync/publishers/delivery/deliverytest
package delivery
