"""Reads an index and its sidecar with the real FAISS, as the package comment of faiss describes them, and prints what is in
them as JSON. It ends with an assertion where the two do not belong together, where a vector does not find itself, or where
FAISS itself would have written the index in other bytes.

Usage: read.py INDEX SIDECAR
"""
import hashlib, json, struct, sys, tempfile
import faiss
import numpy

index_path, sidecar_path = sys.argv[1:]
index = faiss.read_index(index_path)
assert isinstance(index, faiss.IndexIDMap2), type(index)
flat = faiss.downcast_index(index.index)
assert isinstance(flat, faiss.IndexFlat) and flat.metric_type == faiss.METRIC_INNER_PRODUCT, (type(flat), flat.metric_type)
count, dimension = index.ntotal, index.d
ids = faiss.vector_to_array(index.id_map)
assert list(ids) == list(range(count)), ids
vectors = flat.reconstruct_n(0, count) if count else numpy.zeros((0, dimension), "float32")

for at in range(0, count, 500):
    some = vectors[at:at + 500]
    scores, found = index.search(some, 1)
    for i, (score, hit) in enumerate(zip(scores[:, 0], found[:, 0])):
        assert hit == at + i or numpy.allclose(score, some[i] @ vectors[at + i], atol=1e-5), (at + i, hit, score)

again = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
again.add_with_ids(vectors, numpy.arange(count, dtype="int64"))
with tempfile.NamedTemporaryFile() as own:
    faiss.write_index(again, own.name)
    with open(index_path, "rb") as ours:
        data = ours.read()
    assert own.read() == data, "FAISS writes other bytes"

with open(sidecar_path, "rb") as f:
    side = f.read()
magic, version, side_dimension, generation, side_count = struct.unpack_from("<8sIIQQ", side)
assert magic == b"UCFSIDS\0" and version == 1, (magic, version)
assert (side_dimension, side_count) == (dimension, count), (side_dimension, side_count)
assert side[32:64] == hashlib.sha256(data).digest(), "the sidecar belongs to another index"
assert len(side) == 96 + 12 * count + 32, len(side)
assert side[-32:] == hashlib.sha256(side[:-32]).digest(), "the sidecar's checksum is wrong"
print(json.dumps({
    "generation": generation,
    "dimension": dimension,
    "objectIDs": [side[96 + 12 * i:108 + 12 * i].hex() for i in range(count)],
    "vectors": vectors.tolist(),
}))
