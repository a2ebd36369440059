// Feed the parser of score files whatever libFuzzer makes up, and read all that it hands out: `make fuzz`.

#define SOURCE ""
#include "../loader/files/scores/parser.cpp"

// Only a capsule needs Python, and none is made here.
extern "C" {
void *PyCapsule_New(void *, const char *, void (*)(void *)) { abort(); }
void *PyCapsule_GetPointer(void *, const char *) { abort(); }
void *PyErr_NoMemory(void) { abort(); }
}

static void check(bool holds) {
  if (!holds) abort();
}

static bool is_known(const ArrowArray *column, int64_t row) {
  auto *bits = static_cast<const uint8_t *>(column->buffers[0]);
  return !bits || bits[row / 8] >> row % 8 & 1;
}

// The bounds of texts or lists rise from 0 to the number of their items, each of which can be read.
static void read_lists(const ArrowArray *column, const ArrowSchema *schema) {
  auto *bounds = static_cast<const int32_t *>(column->buffers[1]);
  bool is_text = column->n_buffers == 3;
  const void *items = is_text ? column->buffers[2] : column->children[0]->buffers[1];
  int32_t size = is_text ? 1 : *schema->children[0]->format == 'g' ? 8 : 4;
  check(bounds[0] == 0 && (is_text || bounds[column->length] == column->children[0]->length));
  for (int64_t row = 0; row < column->length; row++)
    check(bounds[row] <= bounds[row + 1] && (is_known(column, row) || bounds[row] == bounds[row + 1]));
  for (int32_t i = 0; i < bounds[column->length] * size; i++) {
    // Read it, whatever the optimiser thinks of that.
    asm volatile("" : : "r"(static_cast<const char *>(items)[i]));
  }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  // As Python has bytes: with a 0 after them, and behind that nothing that may be read. Twice, one after the other.
  char *file = static_cast<char *>(malloc(size + 1));
  memcpy(file, data, size);
  file[size] = 0;
  const char *files[] = {file, file};
  const int64_t sizes[] = {static_cast<int64_t>(size), static_cast<int64_t>(size)}, file_ids[] = {1, 2};
  int32_t n_examples[2];
  bool lacks_log_probs[2];
  void *batch = scores_parse(files, sizes, file_ids, 2, n_examples, lacks_log_probs);
  free(file);
  check(batch && n_examples[0] == n_examples[1]);
  ArrowArrayStream stream;
  check(open_stream(static_cast<Batch *>(batch), &stream));
  scores_let_go(batch);
  ArrowSchema schema;
  ArrowArray rows, no_more;
  check(stream.get_schema(&stream, &schema) == 0);
  check(stream.get_next(&stream, &rows) == 0 && rows.length == int64_t{n_examples[0]} + n_examples[1]);
  check(stream.get_next(&stream, &no_more) == 0 && !no_more.release);
  stream.release(&stream);
  for (int64_t i = 0; i < rows.n_children && rows.length; i++)
    if (schema.children[i]->n_children || schema.children[i]->format[0] == 'u')
      read_lists(rows.children[i], schema.children[i]);
  // A column may be taken out, and outlives the rest.
  ArrowArray taken = *rows.children[7];
  rows.children[7]->release = nullptr;
  rows.release(&rows);
  schema.release(&schema);
  taken.release(&taken);
  return 0;
}
