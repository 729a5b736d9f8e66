// Command netsync keeps an institution's record of its university networks in
// a Git repository, and every channel in step with it.
package main

import (
	"os"
	_ "time/tzdata" // time zones of datasets, on machines without them
)

func main() { os.Exit(run(os.Args[1:])) }
