"""Reads the embeddings of the web application with pymongo and writes their index with FAISS, as somebody would who needs it
done; prints the seconds of processor time that this took, without the start of the program.

Usage: reference.py URI DATABASE INDEX
"""
import resource, sys
import faiss
import numpy
import pymongo


def processor_time():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def build(db, path):
    files = {d["_id"] for d in db.file_records.find({}, {"_id": 1})}
    rows = []
    for d in db.embeddings.find({}, {"file_id": 1, "model": 1, "embedding": 1}):
        if d["file_id"] in files:
            rows.append(numpy.array(d["embedding"], dtype="float32"))
    vectors = numpy.stack(rows)
    faiss.normalize_L2(vectors)
    index = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1]))
    index.add_with_ids(vectors, numpy.arange(len(vectors), dtype="int64"))
    faiss.write_index(index, path)


uri, database, path = sys.argv[1:]
db = pymongo.MongoClient(uri)[database]
before = processor_time()
build(db, path)
print(processor_time() - before)
