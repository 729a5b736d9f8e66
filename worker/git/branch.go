package git

import (
	"os"
	"path/filepath"
	"strings"
)

const branches = "refs/heads/"

// readBranch reads where a branch of a repository on this machine is from the
// branch's own file, which goes before what else tells of it; see
// gitrepository-layout(5). HEAD is the branch that it stands for. ok is false
// where git must be asked: for what is in a file with others, or no branch.
func readBranch(dir, ref string) (id CommitID, ok bool) {
	if ref == "HEAD" {
		ref, _ = strings.CutPrefix(readLine(filepath.Join(dir, ref)), "ref: ")
	}
	if !strings.HasPrefix(ref, branches) || !filepath.IsLocal(ref) {
		return "", false
	}
	id = CommitID(readLine(filepath.Join(dir, ref)))
	return id, id.Valid()
}

// readLine returns what a file says; "" where it cannot be read.
func readLine(file string) string {
	data, _ := os.ReadFile(file) // what cannot be read says nothing
	return strings.TrimSuffix(string(data), "\n")
}
