package snapshot

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// A copy is written in two steps, so that a crash leaves the old one or the new one: first all
// new files are written beside the old ones, and then a plan lists how to replace them. The next
// process completes a plan that it finds.
const (
	planFile = ".netsync-apply.json"
	newFile  = ".netsync-new"
)

type storePlan struct {
	Put  []string `json:"put"`
	Gone []string `json:"gone"`
}

// storeFiles writes files into a folder, and removes others.
func storeFiles(dir string, files map[string][]byte, gone []string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("write the copy: %w", err)
	}
	defer root.Close()
	var plan storePlan
	for name, data := range files {
		if err := writeNew(root, name+newFile, data); err != nil {
			return fmt.Errorf("write the copy: %w", err)
		}
		plan.Put = append(plan.Put, name)
	}
	for _, name := range gone {
		if _, err := root.Lstat(name); err == nil {
			plan.Gone = append(plan.Gone, name)
		}
	}
	slices.Sort(plan.Put)
	data, err := json.Marshal(plan)
	if err == nil {
		err = writeNew(root, planFile+newFile, data)
	}
	if err == nil {
		err = root.Rename(planFile+newFile, planFile)
	}
	if err == nil {
		err = syncFolder(root, ".")
	}
	if err != nil {
		return fmt.Errorf("write the copy: %w", err)
	}
	return finishStore(root)
}

// Resume completes a write that was interrupted.
func Resume(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open the copy: %w", err)
	}
	defer root.Close()
	return finishStore(root)
}

func finishStore(root *os.Root) error {
	data, err := root.ReadFile(planFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var plan storePlan
	if err == nil {
		err = json.Unmarshal(data, &plan)
	}
	for _, name := range plan.Put {
		if err == nil {
			err = ignoreMissing(root.Rename(name+newFile, name))
		}
	}
	for _, name := range plan.Gone {
		if err == nil {
			err = ignoreMissing(root.Remove(name))
		}
	}
	folders := map[string]bool{".": true}
	for _, name := range slices.Concat(plan.Put, plan.Gone) {
		folders[path.Dir(name)] = true
	}
	for folder := range folders {
		if err == nil {
			err = syncFolder(root, folder)
		}
	}
	if err == nil {
		err = root.Remove(planFile)
	}
	if err != nil {
		return fmt.Errorf("put the copy's new files in their places: %w", err)
	}
	return nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func writeNew(root *os.Root, name string, data []byte) error {
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

func syncFolder(root *os.Root, name string) error {
	f, err := root.Open(filepath.FromSlash(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
