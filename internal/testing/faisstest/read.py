"""Reads indexes and their sidecars with the real FAISS, as the package comment of faiss describes them, and prints what is in
them as a JSON array. It ends with an assertion where the two do not belong together, where a vector does not find itself, or
where FAISS itself would have written the index in other bytes.

Usage: read.py [INDEX SIDECAR]...
"""
import hashlib, json, struct, sys, tempfile
import faiss
import numpy


def read(index_path, sidecar_path):
    index = faiss.read_index(index_path)
    assert isinstance(index, faiss.IndexIDMap2), type(index)
    flat = faiss.downcast_index(index.index)
    assert isinstance(flat, faiss.IndexFlat) and flat.metric_type == faiss.METRIC_INNER_PRODUCT, (type(flat), flat.metric_type)
    ids = faiss.vector_to_array(index.id_map)
    assert list(ids) == list(range(index.ntotal)), ids
    vectors = flat.reconstruct_n(0, index.ntotal)
    search_self(index, vectors)
    with open(index_path, "rb") as f:
        data = f.read()
    assert write(vectors) == data, "FAISS writes other bytes"
    generation, objects = read_sidecar(sidecar_path, index, data)
    return {"generation": generation, "dimension": index.d, "objectIDs": objects, "vectors": vectors.tolist()}


def search_self(index, vectors):
    """Every vector finds itself, or one that is as near."""
    for at in range(0, len(vectors), 500):
        some = vectors[at:at + 500]
        scores, found = index.search(some, 1)
        for i, (score, hit) in enumerate(zip(scores[:, 0], found[:, 0])):
            assert hit == at + i or numpy.allclose(score, some[i] @ some[i], atol=1e-5), (at + i, hit, score)


def write(vectors):
    """The file that FAISS makes of the same vectors and ids."""
    index = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1]))
    index.add_with_ids(vectors, numpy.arange(len(vectors), dtype="int64"))
    with tempfile.NamedTemporaryFile() as f:
        faiss.write_index(index, f.name)
        return f.read()


def read_sidecar(path, index, data):
    with open(path, "rb") as f:
        side = f.read()
    magic, version, dimension, generation, count = struct.unpack_from("<8sIIQQ", side)
    assert magic == b"UCFSIDS\0" and version == 1, (magic, version)
    assert (dimension, count) == (index.d, index.ntotal), (dimension, count)
    assert side[32:64] == hashlib.sha256(data).digest(), "the sidecar belongs to another index"
    assert len(side) == 96 + 12 * count + 32, len(side)
    assert side[-32:] == hashlib.sha256(side[:-32]).digest(), "the sidecar's checksum is wrong"
    return generation, [side[96 + 12 * i:108 + 12 * i].hex() for i in range(count)]


paths = sys.argv[1:]
print(json.dumps([read(*pair) for pair in zip(paths[::2], paths[1::2])]))
