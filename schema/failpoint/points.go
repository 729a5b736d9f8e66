package failpoint

// Points are the places that there are.
var Points = []string{
	"broker: write info",

	"worker: look",      // the tip is known
	"worker: read",      // the dataset is read and checked
	"worker: images",    // the broker has the images, and no event yet
	"worker: publish",   // no event is written yet
	"worker: published", // all is stored, and the worker has not taken it in

	"journal: before batch",
	"journal: before commit", // every message but the last is with the broker
	"journal: after commit",  // the broker's answer is on its way

	"channel: publish",
	"channel: published",

	// Before each step of a flip.
	"release: assemble",
	"release: sync",
	"release: compare current",
	"release: write index",
	"release: place files",
	"release: sync folders",
	"release: make link",
	"release: change current",
	"release: sync link",
	"release: read link back",
	"release: remove old releases",
}
