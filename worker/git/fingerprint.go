package git

import (
	"io/fs"
	"os"
	"path/filepath"
)

// A fingerprint identifies a repository on this machine, so that its replacement by another
// one is noticed. It is empty for a repository on another machine.
type fingerprint []fs.FileInfo // nil for a file that does not exist

// fingerprintFiles are files of a repository that stay during its use, for a repository in
// .git of a working tree and for a bare one; see gitrepository-layout(5).
func fingerprintFiles(path string) []string {
	files := []string{path}
	for _, dir := range []string{path, filepath.Join(path, ".git")} {
		files = append(files, filepath.Join(dir, "config"), filepath.Join(dir, "objects"),
			filepath.Join(dir, "shallow"), filepath.Join(dir, alternates))
	}
	return append(files, filepath.Join(path, ".git"))
}

func takeFingerprint(address string) fingerprint {
	path, ok := localPath(address)
	if !ok {
		return nil
	}
	var f fingerprint
	for _, file := range fingerprintFiles(path) {
		info, err := os.Stat(file)
		if err != nil {
			info = nil // it cannot be read, so it is not borrowed from
		}
		f = append(f, info)
	}
	return f
}

// isSame reports whether both are of the same repository.
func (f fingerprint) isSame(g fingerprint) bool {
	if len(f) != len(g) {
		return false
	}
	for i := range f {
		if !sameInfo(f[i], g[i]) {
			return false
		}
	}
	return true
}

// sameInfo also compares the times of files: a new file may have the inode number of a
// deleted one.
func sameInfo(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && (a.IsDir() || a.ModTime().Equal(b.ModTime()))
}
