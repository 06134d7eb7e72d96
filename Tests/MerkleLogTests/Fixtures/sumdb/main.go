// SPDX-License-Identifier: EUPL-1.2

// Holds a log against Go's implementation of transparent logs.
//
//	sumdb prove N          hashes over all roots and proofs of trees of 1 to N leaves "leaf 0", "leaf 1", …
//	sumdb check DIR VKEY   checks checkpoint, tiles, entries and a proof for each entry of a log's directory
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"sumdb/note"
	"sumdb/tlog"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == "prove" {
		n, err := strconv.ParseInt(os.Args[2], 10, 64)
		must(err)
		prove(n)
	} else if len(os.Args) == 4 && os.Args[1] == "check" {
		check(os.Args[2], os.Args[3])
	} else {
		fail("usage: sumdb prove N | check DIR VKEY")
	}
}

func fail(format string, arguments ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", arguments...)
	os.Exit(1)
}

func must(err error) {
	if err != nil {
		fail("%v", err)
	}
}

// memory keeps hashes in the order that tlog stores them in.
type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = m[index]
	}
	return hashes, nil
}

func prove(n int64) {
	var stored memory
	roots, records, trees := sha256.New(), sha256.New(), sha256.New()
	for size := int64(1); size <= n; size++ {
		added, err := tlog.StoredHashes(size-1, fmt.Appendf(nil, "leaf %d", size-1), stored)
		must(err)
		stored = append(stored, added...)
		root, err := tlog.TreeHash(size, stored)
		must(err)
		roots.Write(root[:])
		for i := int64(0); i < size; i++ {
			proof, err := tlog.ProveRecord(size, i, stored)
			must(err)
			for _, hash := range proof {
				records.Write(hash[:])
			}
		}
		for old := int64(1); old <= size; old++ {
			proof, err := tlog.ProveTree(size, old, stored)
			must(err)
			for _, hash := range proof {
				trees.Write(hash[:])
			}
		}
	}
	for _, sum := range [][]byte{roots.Sum(nil), records.Sum(nil), trees.Sum(nil)} {
		fmt.Println(hex.EncodeToString(sum))
	}
}

// directory reads tiles of height 8 under the names of C2SP tlog-tiles, which leave the height out.
type directory string

func (d directory) Height() int                     { return 8 }
func (d directory) SaveTiles([]tlog.Tile, [][]byte) {}
func (d directory) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	contents := make([][]byte, len(tiles))
	for i, tile := range tiles {
		bytes, err := os.ReadFile(filepath.Join(string(d), "tile", strings.TrimPrefix(tile.Path(), "tile/8/")))
		if err != nil {
			return nil, err
		}
		contents[i] = bytes
	}
	return contents, nil
}

func (d directory) entries(size int64) [][]byte {
	var entries [][]byte
	for start := int64(0); start < size; start += 256 {
		tile := tlog.Tile{H: 8, L: 0, N: start / 256, W: int(min(256, size-start))}
		path := "tile/entries/" + strings.TrimPrefix(tile.Path(), "tile/8/0/")
		content, err := os.ReadFile(filepath.Join(string(d), path))
		must(err)
		for len(content) > 0 {
			length := int(binary.BigEndian.Uint16(content))
			entries = append(entries, content[2:2+length])
			content = content[2+length:]
		}
	}
	return entries
}

func check(path, vkey string) {
	verifier, err := note.NewVerifier(vkey)
	must(err)
	raw, err := os.ReadFile(filepath.Join(path, "checkpoint"))
	must(err)
	opened, err := note.Open(raw, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		fail("not a checkpoint of %s: %q", verifier.Name(), opened.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	tree := tlog.Tree{N: size, Hash: root}
	reader := tlog.TileHashReader(tree, directory(path))
	entries := directory(path).entries(size)
	if int64(len(entries)) != size {
		fail("%d entries, the checkpoint says %d", len(entries), size)
	}
	var recomputed memory
	for i, entry := range entries {
		added, err := tlog.StoredHashes(int64(i), entry, recomputed)
		must(err)
		recomputed = append(recomputed, added...)
		proof, err := tlog.ProveRecord(size, int64(i), reader)
		must(err)
		must(tlog.CheckRecord(proof, size, root, int64(i), tlog.RecordHash(entry)))
	}
	if size > 0 {
		again, err := tlog.TreeHash(size, recomputed)
		must(err)
		if !bytes.Equal(again[:], root[:]) {
			fail("the entries hash to %v, the checkpoint says %v", again, root)
		}
	}
	for old := int64(1); old <= size; old += 1 + size/64 {
		oldRoot, err := tlog.TreeHash(old, recomputed)
		must(err)
		proof, err := tlog.ProveTree(size, old, reader)
		must(err)
		must(tlog.CheckTree(proof, size, root, old, oldRoot))
	}
	fmt.Printf("%d %v\n", size, root)
}
