// Score files of classifier scorers (fuzz, detection) to columns in memory, for DuckDB: the fast way in.
//
// What it accepts: UTF-8 JSON, a list of at least one object, any white space, any order of keys, no key twice. An
// object is an example in one of the schemas that classifier_examples.py lists, with a distance that is known, and
// with tokens and as many activations, or with a text. All else is left to that module, which is the judge: what is
// accepted here is accepted there, with the same rows; of what is wrong with a file nothing is said here.
//
// In whose memory: files lie in Python's, and are read only while `scores_parse` runs. What they hold is copied
// into a Batch. Python, each Arrow stream, schema and array own it in common, and the last to let go frees it.
// A file for which there is no memory is left to the judge, too.
//
// Why it cannot read out of bounds: a file is followed by a 0 byte, as all of Python's bytes are. JSON allows 0
// nowhere, and `at` moves only past a byte that was looked at and may stand there. Why it cannot write out of
// bounds: an item is written only where room was just made for it, or, of texts, where there is room for as many
// bytes as the file has, since no character takes more than its escape. Nothing calls itself, so that there is no
// depth to run out of.

#include <atomic>
#include <cerrno>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

// The C data and stream interfaces of Arrow, by its specification.
extern "C" {
struct ArrowSchema {
  const char *format, *name, *metadata;
  int64_t flags, n_children;
  ArrowSchema **children, *dictionary;
  void (*release)(ArrowSchema *);
  void *private_data;
};

struct ArrowArray {
  int64_t length, null_count, offset, n_buffers, n_children;
  const void **buffers;
  ArrowArray **children, *dictionary;
  void (*release)(ArrowArray *);
  void *private_data;
};

struct ArrowArrayStream {
  int (*get_schema)(ArrowArrayStream *, ArrowSchema *);
  int (*get_next)(ArrowArrayStream *, ArrowArray *);
  const char *(*get_last_error)(ArrowArrayStream *);
  void (*release)(ArrowArrayStream *);
  void *private_data;
};

// Python's own.
void *PyCapsule_New(void *pointer, const char *name, void (*destructor)(void *));
void *PyCapsule_GetPointer(void *capsule, const char *name);
void *PyErr_NoMemory(void);
}

namespace {

// ------------------------------------------------------------------------------------------------- rows

template <typename T> struct Buffer {
  T *data = nullptr;
  size_t room = 0;

  ~Buffer() { free(data); }

  bool reserve(size_t wanted) {
    if (wanted <= room) return true;
    size_t more = wanted < 2 * room ? 2 * room : wanted;
    void *moved = realloc(data, more * sizeof(T));
    if (!moved) return false;
    data = static_cast<T *>(moved);
    room = more;
    return true;
  }

  bool put(size_t place, T item) {
    if (!reserve(place + 1)) return false;
    data[place] = item;
    return true;
  }
};

struct Bits : Buffer<uint8_t> {
  bool put(size_t place, bool bit) {
    unsigned shift = place % 8;
    if (!reserve(place / 8 + 1)) return false;
    unsigned before = shift ? data[place / 8] & ((1u << shift) - 1) : 0;
    data[place / 8] = static_cast<uint8_t>(before | static_cast<unsigned>(bit) << shift);
    return true;
  }
};

// The lists of all rows, end to end.
template <typename Item> struct Lists {
  Bits known;
  Buffer<int32_t> bounds;  // where the list of each row begins, and where the last one ends
  Buffer<Item> items;
  size_t n_items = 0;  // those of the row that is being read included

  bool add(Item item) {
    if (!items.put(n_items, item)) return false;
    n_items++;
    return true;
  }

  bool end(size_t row, bool is_known) {
    return n_items <= INT32_MAX && known.put(row, is_known) && bounds.put(0, 0) &&
           bounds.put(row + 1, static_cast<int32_t>(n_items));
  }

  void cut(size_t n_rows) { n_items = n_rows ? static_cast<size_t>(bounds.data[n_rows]) : 0; }
};

// Rows of the table example_facts.
struct Batch {
  std::atomic<int> n_owners{1};
  size_t n_rows = 0;
  Buffer<int64_t> file_id;
  Buffer<int32_t> example_idx;
  Bits activating, prediction, correct;
  Bits has_prediction, has_probability, has_correct;
  Buffer<double> probability, distance;
  Lists<char> text;
  Lists<int32_t> token_lengths;
  Lists<float> activations;
  Lists<double> wide_activations;
  Buffer<double> numbers;  // the activations of the row that is being read

  void cut(size_t rows) {
    n_rows = rows;
    text.cut(rows);
    token_lengths.cut(rows);
    activations.cut(rows);
    wide_activations.cut(rows);
  }
};

void let_go(Batch *batch) {
  if (batch->n_owners.fetch_sub(1) != 1) return;
  batch->~Batch();
  free(batch);
}

// ---------------------------------------------------------------------------------------------- numbers

static_assert(FLT_EVAL_METHOD == 0 && DBL_MANT_DIG == 53, "an operation on doubles rounds once, to a double");

using Whole = unsigned __int128;

constexpr int MAX_DIGITS = 19;    // of which 64 bits hold any
constexpr int MAX_EXPONENT = 27;  // 5^27 takes 63 bits
constexpr int MAX_LENGTH = 64;    // of a number as text; Python writes 24 characters at most

struct Powers {
  uint64_t of_5[MAX_EXPONENT + 1] = {1};
  double of_10[23] = {1};  // the last one that a double holds exactly

  constexpr Powers() {
    for (int i = 1; i <= MAX_EXPONENT; i++) of_5[i] = of_5[i - 1] * 5;
    for (int i = 1; i < 23; i++) of_10[i] = of_10[i - 1] * 10;
  }
};
constexpr Powers POWERS;

// Return the double nearest to digits * 10^exponent, for exponents of at most MAX_EXPONENT either way.
double nearest(uint64_t digits, int exponent) {
  if (digits <= 1ull << DBL_MANT_DIG && -23 < exponent && exponent < 23) {
    // Both are exact, so that the one operation rounds as it should.
    double whole = static_cast<double>(digits);
    return exponent < 0 ? whole / POWERS.of_10[-exponent] : whole * POWERS.of_10[exponent];
  }
  // The number is (product, or quotient and rest) * 2^shift. A quotient takes more than 64 bits.
  Whole whole;
  int shift = exponent;
  bool has_rest = false;
  if (exponent < 0) {
    int up = 64 + __builtin_clzll(digits);
    Whole dividend = static_cast<Whole>(digits) << up;
    uint64_t divisor = POWERS.of_5[-exponent];
    whole = dividend / divisor;
    has_rest = dividend % divisor != 0;
    shift -= up;
  } else {
    whole = static_cast<Whole>(digits) * POWERS.of_5[exponent];
  }
  uint64_t high = static_cast<uint64_t>(whole >> 64);
  if (high) {
    int down = 64 - __builtin_clzll(high);
    has_rest |= (whole & ((static_cast<Whole>(1) << down) - 1)) != 0;
    whole >>= down;
    shift += down;
  }
  // Of 64 bits, eleven more than are kept, the last one says that something follows: this rounds as the whole would.
  return ldexp(static_cast<double>(static_cast<uint64_t>(whole) | has_rest), shift);
}

// --------------------------------------------------------------------------------------------- examples

// In the order in which delphi writes them, which is tried first.
enum Key {
  ID, TEXT, STR_TOKENS, ACTIVATIONS, DISTANCE, QUANTILE, ACTIVATING, GROUND_TRUTH, ACTIVATES, PREDICTION, PREDICTED,
  MARKED, PROBABILITY, CORRECT, HIGHLIGHTED
};
constexpr const char *KEYS[] = {
    "\"id\"", "\"text\"", "\"str_tokens\"", "\"activations\"", "\"distance\"", "\"quantile\"", "\"activating\"",
    "\"ground_truth\"", "\"activates\"", "\"prediction\"", "\"predicted\"", "\"marked\"", "\"probability\"",
    "\"correct\"", "\"highlighted\"",
};
constexpr int N_KEYS = sizeof KEYS / sizeof *KEYS;

template <typename... Keys> constexpr unsigned set(Keys... keys) { return (0u | ... | (1u << keys)); }
constexpr bool is_one(unsigned keys) { return keys && !(keys & (keys - 1)); }

enum Answer { NO, YES, UNKNOWN, FAILED };

struct Example {
  unsigned keys = 0;  // those that it has
  Answer activating = UNKNOWN, prediction = UNKNOWN, correct = UNKNOWN;
  bool is_word = false;      // the prediction is, true or false or null
  double probability = -1;  // -1 where unknown, as in old files
  double distance = 0;
  size_t n_tokens = 0, n_activations = 0;
  bool is_narrow = true;  // 32 bits hold each of its activations

  bool has(Key key) const { return keys & set(key); }
  bool is_old() const { return !has(ACTIVATING); }
};

constexpr bool is_plain(unsigned char c) { return c >= ' ' && c != '"' && c != '\\' && c < 0x80; }

class Parser {
 public:
  Parser(const char *file, Batch *batch) : at(file), rows(batch) {}

  // Add a file's examples; return how many they are, or 0 where it is not accepted and rows are to be cut.
  int32_t file(int64_t file_id) {
    int32_t n = 0;
    if (!mark('[')) return 0;
    do {
      Example e;
      if (n == INT32_MAX || !example(&e) || !settle(&e) || !add(file_id, n++, e)) return 0;
      lacks_log_probs &= e.is_old() && e.probability == 0;
    } while (mark(','));
    return mark(']') && (space(), *at == 0) ? n : 0;
  }

  const char *at;
  bool lacks_log_probs = true;  // delphi once wrote probabilities of 0 then

 private:
  Batch *rows;

  void space() {
    while (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r') at++;
  }

  // Pass over white space and then this character, if it is there.
  bool mark(char wanted) {
    space();
    if (*at != wanted) return false;
    at++;
    return true;
  }

  bool word(const char *wanted) {
    size_t length = strlen(wanted);
    if (strncmp(at, wanted, length) != 0) return false;
    at += length;
    return true;
  }

  bool example(Example *e) {
    if (!mark('{')) return false;
    int key = STR_TOKENS - 1;
    do {
      space();
      int n_tried = 0;
      do key = (key + 1) % N_KEYS;
      while (!word(KEYS[key]) && ++n_tried < N_KEYS);
      if (n_tried == N_KEYS || e->has(static_cast<Key>(key)) || !mark(':')) return false;
      e->keys |= set(key);
      space();
      if (!value(static_cast<Key>(key), e)) return false;
    } while (mark(','));
    return mark('}');
  }

  bool value(Key key, Example *e) {
    double number;
    Answer other;
    switch (key) {
      case TEXT: return string() >= 0;
      case STR_TOKENS: return tokens(e);
      case ACTIVATIONS: return activations(e);
      case DISTANCE:
      case QUANTILE: return read_number(&e->distance);
      case ACTIVATING:
      case GROUND_TRUTH:
      case ACTIVATES: return answer(&e->activating) && e->activating != UNKNOWN;
      case PREDICTION:
      case PREDICTED:
      case MARKED: e->is_word = answer(&e->prediction); return e->is_word || old_answer(&e->prediction);
      case CORRECT: return answer(&e->correct) || old_answer(&e->correct);
      case PROBABILITY:
        if (word("null")) return true;
        return read_number(&e->probability) &&
               (e->probability == -1 || (0 <= e->probability && e->probability <= 1));
      case ID:
      case HIGHLIGHTED: return answer(&other) || read_number(&number);
    }
    return false;
  }

  bool answer(Answer *found) {
    if (word("true")) *found = YES;
    else if (word("false")) *found = NO;
    else if (word("null")) *found = UNKNOWN;
    else return false;
    return true;
  }

  bool old_answer(Answer *found) {
    double number;
    if (!read_number(&number)) return false;
    *found = number == 1 ? YES : number == 0 ? NO : FAILED;
    return *found != FAILED || number == -1;
  }

  // Tell whether an example has what it must, and bring what it says to what it says today.
  static bool settle(Example *e) {
    constexpr unsigned labels = set(ACTIVATING, GROUND_TRUTH, ACTIVATES), answers = set(PREDICTION, PREDICTED, MARKED),
                       distances = set(DISTANCE, QUANTILE), tokens = set(STR_TOKENS, ACTIVATIONS);
    bool has_text = (e->keys & (tokens | set(TEXT))) == set(TEXT);
    bool has_tokens = (e->keys & (tokens | set(TEXT))) == tokens && e->n_tokens == e->n_activations;
    if (!is_one(e->keys & labels) || !is_one(e->keys & answers) || !is_one(e->keys & distances)) return false;
    if (!has_text && !has_tokens) return false;
    if (!e->has(PROBABILITY) && !e->is_old() && !has_text) return false;
    if (!e->has(CORRECT)) {
      if (!e->is_old()) return false;
      // July 2024: the prediction says whether the answer was right.
      if (e->has(PREDICTION) && e->is_word && e->prediction != UNKNOWN)
        e->prediction = e->prediction == e->activating ? YES : NO;
    }
    // Old files say false where there is no prediction to be wrong.
    if (e->prediction == FAILED) e->correct = UNKNOWN;
    return true;
  }

  bool tokens(Example *e) {
    if (!mark('[')) return false;
    if (mark(']')) return true;
    do {
      space();
      int32_t length = string();
      if (length < 0 || !rows->token_lengths.add(length)) return false;
      e->n_tokens++;
    } while (mark(','));
    return mark(']');
  }

  bool activations(Example *e) {
    if (!mark('[')) return false;
    if (mark(']')) return true;
    do {
      double number;
      space();
      if (!read_number(&number) || !rows->numbers.put(e->n_activations, number)) return false;
      e->n_activations++;
      e->is_narrow &= fabs(number) <= FLT_MAX && static_cast<double>(static_cast<float>(number)) == number;
    } while (mark(','));
    return mark(']');
  }

  // Add the row of an example, whose tokens and text have been added already.
  bool add(int64_t file_id, int32_t place, const Example &e) {
    size_t row = rows->n_rows;
    bool has_tokens = e.has(STR_TOKENS);
    for (size_t i = 0; i < e.n_activations; i++) {
      double number = rows->numbers.data[i];
      if (e.is_narrow ? !rows->activations.add(static_cast<float>(number)) : !rows->wide_activations.add(number))
        return false;
    }
    rows->n_rows++;
    return rows->file_id.put(row, file_id) && rows->example_idx.put(row, place) &&
           rows->activating.put(row, e.activating == YES) &&
           rows->has_prediction.put(row, e.prediction == YES || e.prediction == NO) &&
           rows->prediction.put(row, e.prediction == YES) &&
           rows->has_probability.put(row, e.probability != -1) && rows->probability.put(row, e.probability) &&
           rows->has_correct.put(row, e.correct == YES || e.correct == NO) &&
           rows->correct.put(row, e.correct == YES) && rows->distance.put(row, e.distance) &&
           rows->text.end(row, true) && rows->token_lengths.end(row, has_tokens) &&
           rows->activations.end(row, has_tokens && e.is_narrow) &&
           rows->wide_activations.end(row, has_tokens && !e.is_narrow);
  }

  // Read a number as the double that is nearest; a whole -0 is 0, as in Python.
  bool read_number(double *number) {
    const char *begin = at;
    bool is_negative = *at == '-', is_whole = true;
    at += is_negative;
    uint64_t digits = 0;
    int n_digits = 0, exponent = 0;
    auto digit = [&] {
      if (*at < '0' || *at > '9') return false;
      n_digits += n_digits || *at != '0';
      if (n_digits <= MAX_DIGITS) digits = digits * 10 + static_cast<uint64_t>(*at - '0');
      at++;
      return true;
    };
    bool is_zero = *at == '0';
    if (!digit()) return false;
    while (!is_zero && digit()) {}
    if (*at == '.') {
      at++;
      is_whole = false;
      if (!digit()) return false;
      for (exponent = -1; digit(); exponent--) {}
    }
    if (*at == 'e' || *at == 'E') {
      at++;
      is_whole = false;
      bool is_below = *at == '-';
      at += *at == '-' || *at == '+';
      if (*at < '0' || *at > '9') return false;
      int given = 0;
      for (; *at >= '0' && *at <= '9'; at++)
        if (given < 10000) given = given * 10 + (*at - '0');
      exponent += is_below ? -given : given;
    }
    if (at - begin > MAX_LENGTH) return false;
    if (n_digits == 0) *number = 0;
    else if (n_digits <= MAX_DIGITS && -MAX_EXPONENT <= exponent && exponent <= MAX_EXPONENT)
      *number = nearest(digits, exponent);
    else {
      // It stops short where the program that runs this has set a locale with another decimal point.
      char *end;
      *number = fabs(strtod(begin, &end));
      if (end != at || *number > DBL_MAX) return false;
    }
    if (is_negative && !(is_whole && n_digits == 0)) *number = -*number;
    return true;
  }

  // Add a string to the text of the row; return its number of code points, or -1.
  int32_t string() {
    if (*at != '"') return -1;
    at++;
    char *to = rows->text.items.data + rows->text.n_items;
    int32_t n_code_points = 0;
    while (*at != '"') {
      if (is_plain(static_cast<unsigned char>(*at))) *to++ = *at++;
      else if (*at == '\\' ? !escape(&to) : !several_bytes(&to)) return -1;
      n_code_points++;
    }
    at++;
    rows->text.n_items = static_cast<size_t>(to - rows->text.items.data);
    return n_code_points;
  }

  // Copy a code point of several bytes, in the shortest form, no half of a surrogate pair, none beyond 10FFFF.
  bool several_bytes(char **to) {
    unsigned first = static_cast<unsigned char>(*at), lowest = 0x80, highest = 0xBF;
    int n_more;
    if (0xC2 <= first && first <= 0xDF) n_more = 1;
    else if (0xE0 <= first && first <= 0xEF) n_more = 2;
    else if (0xF0 <= first && first <= 0xF4) n_more = 3;
    else return false;
    if (first == 0xE0) lowest = 0xA0;
    if (first == 0xED) highest = 0x9F;
    if (first == 0xF0) lowest = 0x90;
    if (first == 0xF4) highest = 0x8F;
    *(*to)++ = *at++;
    while (n_more--) {
      unsigned next = static_cast<unsigned char>(*at);
      if (next < lowest || next > highest) return false;
      lowest = 0x80, highest = 0xBF;
      *(*to)++ = *at++;
    }
    return true;
  }

  bool escape(char **to) {
    constexpr char LETTERS[] = "\"\\/bfnrt", MEANINGS[] = "\"\\/\b\f\n\r\t";
    at++;
    if (*at == 'u') return code_point(to);
    const char *found = *at ? strchr(LETTERS, *at) : nullptr;
    if (!found) return false;
    *(*to)++ = MEANINGS[found - LETTERS];
    at++;
    return true;
  }

  // Read what stands after a backslash: u and four digits, and the other half where this is half of a pair.
  bool code_point(char **to) {
    unsigned code, low;
    if (!unit(&code) || (0xDC00 <= code && code <= 0xDFFF)) return false;
    if (0xD800 <= code && code <= 0xDBFF) {
      if (*at != '\\') return false;
      at++;
      if (!unit(&low) || low < 0xDC00 || low > 0xDFFF) return false;
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    int n_more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    constexpr unsigned MARKS[] = {0, 0xC0, 0xE0, 0xF0};
    *(*to)++ = static_cast<char>(MARKS[n_more] | code >> 6 * n_more);
    while (n_more--) *(*to)++ = static_cast<char>(0x80 | (code >> 6 * n_more & 0x3F));
    return true;
  }

  bool unit(unsigned *code) {
    if (*at != 'u') return false;
    at++;
    *code = 0;
    for (int i = 0; i < 4; i++, at++) {
      unsigned c = static_cast<unsigned char>(*at), lower = c | 0x20;
      if ('0' <= c && c <= '9') *code = *code << 4 | (c - '0');
      else if ('a' <= lower && lower <= 'f') *code = *code << 4 | (lower - 'a' + 10);
      else return false;
    }
    return true;
  }
};

// ------------------------------------------------------------------------------------------------ Arrow

constexpr struct {
  const char *name, *format, *item;
} COLUMNS[] = {
    {"file_id", "l", nullptr},    {"example_idx", "i", nullptr},   {"activating", "b", nullptr},
    {"prediction", "b", nullptr}, {"probability", "g", nullptr},   {"correct", "b", nullptr},
    {"distance", "g", nullptr},   {"text", "u", nullptr},          {"token_lengths", "+l", "i"},
    {"activations", "+l", "f"},   {"wide_activations", "+l", "g"},
};
constexpr int N_COLUMNS = sizeof COLUMNS / sizeof *COLUMNS;

// The nodes below a schema or an array, in one piece of memory, which all of them own in common.
template <typename Node> struct Tree {
  std::atomic<int> n_owners{1};
  Batch *batch;
  Node columns[N_COLUMNS], items[N_COLUMNS];
  Node *column_places[N_COLUMNS], *item_places[N_COLUMNS];
  const void *buffers[N_COLUMNS][3], *item_buffers[N_COLUMNS][2], *no_buffer[1];
};

template <typename Node> void release(Node *node) {
  auto *tree = static_cast<Tree<Node> *>(node->private_data);
  for (int64_t i = 0; i < node->n_children; i++)
    if (node->children[i]->release) node->children[i]->release(node->children[i]);
  node->release = nullptr;
  if (tree->n_owners.fetch_sub(1) != 1) return;
  let_go(tree->batch);
  free(tree);
}

template <typename Node> Tree<Node> *grow(Batch *batch, Node *root) {
  void *memory = calloc(1, sizeof(Tree<Node>));
  if (!memory) return nullptr;
  auto *tree = new (memory) Tree<Node>();
  auto own = [tree](Node *node, int64_t n_children, Node **children) {
    node->n_children = n_children;
    node->children = children;
    node->release = release<Node>;
    node->private_data = tree;
    tree->n_owners++;
  };
  tree->batch = batch;
  batch->n_owners++;
  *root = Node();
  own(root, N_COLUMNS, tree->column_places);
  for (int i = 0; i < N_COLUMNS; i++) {
    tree->column_places[i] = &tree->columns[i];
    tree->item_places[i] = &tree->items[i];
    own(&tree->columns[i], COLUMNS[i].item ? 1 : 0, &tree->item_places[i]);
    if (COLUMNS[i].item) own(&tree->items[i], 0, nullptr);
  }
  tree->n_owners--;  // its maker
  return tree;
}

struct Stream {
  Batch *batch;
  bool is_done;
};

int get_schema(ArrowArrayStream *stream, ArrowSchema *out) {
  constexpr int64_t NULLABLE = 2;
  auto *tree = grow(static_cast<Stream *>(stream->private_data)->batch, out);
  if (!tree) return ENOMEM;
  out->format = "+s";
  out->name = "";
  for (int i = 0; i < N_COLUMNS; i++) {
    tree->columns[i].format = COLUMNS[i].format;
    tree->columns[i].name = COLUMNS[i].name;
    tree->columns[i].flags = tree->items[i].flags = NULLABLE;
    tree->items[i].format = COLUMNS[i].item;
    tree->items[i].name = "item";
  }
  return 0;
}

int get_next(ArrowArrayStream *stream, ArrowArray *out) {
  auto *state = static_cast<Stream *>(stream->private_data);
  *out = ArrowArray();
  if (state->is_done) return 0;
  Batch *batch = state->batch;
  auto *tree = grow(batch, out);
  if (!tree) return ENOMEM;
  state->is_done = true;
  int64_t n_rows = static_cast<int64_t>(batch->n_rows);
  out->length = n_rows;
  out->n_buffers = 1;
  out->buffers = tree->no_buffer;
  int n = 0;
  auto add = [&](const Bits *known, const void *values, const void *text = nullptr) {
    ArrowArray *column = &tree->columns[n];
    column->length = n_rows;
    column->null_count = known ? -1 : 0;
    column->n_buffers = text ? 3 : 2;
    column->buffers = tree->buffers[n];
    tree->buffers[n][0] = known ? known->data : nullptr;
    tree->buffers[n][1] = values;
    tree->buffers[n++][2] = text;
  };
  auto add_lists = [&](const auto &lists) {
    ArrowArray *item = &tree->items[n];
    item->length = static_cast<int64_t>(lists.n_items);
    item->n_buffers = 2;
    item->buffers = tree->item_buffers[n];
    tree->item_buffers[n][1] = lists.items.data;
    add(&lists.known, lists.bounds.data);
  };
  add(nullptr, batch->file_id.data);
  add(nullptr, batch->example_idx.data);
  add(nullptr, batch->activating.data);
  add(&batch->has_prediction, batch->prediction.data);
  add(&batch->has_probability, batch->probability.data);
  add(&batch->has_correct, batch->correct.data);
  add(nullptr, batch->distance.data);
  add(nullptr, batch->text.bounds.data, batch->text.items.data);
  add_lists(batch->token_lengths);
  add_lists(batch->activations);
  add_lists(batch->wide_activations);
  return 0;
}

const char *get_last_error(ArrowArrayStream *) { return "no memory"; }

void release_stream(ArrowArrayStream *stream) {
  auto *state = static_cast<Stream *>(stream->private_data);
  let_go(state->batch);
  free(state);
  stream->release = nullptr;
}

// Open a stream of the rows, which whoever takes it releases; false where there is no memory.
bool open_stream(Batch *batch, ArrowArrayStream *stream) {
  void *memory = malloc(sizeof(Stream));
  if (!memory) return false;
  batch->n_owners++;
  *stream = {get_schema, get_next, get_last_error, release_stream, new (memory) Stream{batch, false}};
  return true;
}

constexpr char STREAM[] = "arrow_array_stream";

void release_capsule(void *capsule) {
  auto *stream = static_cast<ArrowArrayStream *>(PyCapsule_GetPointer(capsule, STREAM));
  if (stream->release) stream->release(stream);
  free(stream);
}

}  // namespace

#define EXPORTED extern "C" __attribute__((visibility("default")))

// The source that this was compiled from, by its SHA-256: of another one Python makes no use.
EXPORTED const char scores_source[] = SOURCE;

// Read files, each followed by a 0 byte. Tell of each how many examples it has, 0 where it was not accepted, and
// whether it lacks log probs, so that its probabilities of 0 are taken as unknown. Return the rows, which
// `scores_let_go` frees, or null where there is no memory. Python's lock is not needed.
EXPORTED void *scores_parse(const char *const *files, const int64_t *sizes, const int64_t *file_ids, int64_t n_files,
                            int32_t *n_examples, bool *lacks_log_probs) {
  void *memory = malloc(sizeof(Batch));
  if (!memory) return nullptr;
  auto *batch = new (memory) Batch();
  for (int64_t i = 0; i < n_files; i++) {
    size_t before = batch->n_rows;
    n_examples[i] = 0;
    lacks_log_probs[i] = false;
    if (sizes[i] > INT32_MAX || !batch->text.items.reserve(batch->text.n_items + static_cast<size_t>(sizes[i])))
      continue;
    Parser parser(files[i], batch);
    int32_t n = parser.file(file_ids[i]);
    // A file may hold a 0, too.
    if (n == 0 || parser.at != files[i] + sizes[i]) {
      batch->cut(before);
      continue;
    }
    n_examples[i] = n;
    lacks_log_probs[i] = parser.lacks_log_probs;
    // Only bits that are there already.
    for (size_t row = before; parser.lacks_log_probs && row < batch->n_rows; row++) batch->has_probability.put(row, false);
  }
  return batch;
}

EXPORTED void scores_let_go(void *batch) { let_go(static_cast<Batch *>(batch)); }

// Return a PyCapsule with an Arrow stream of the rows, or null with Python's error set; Python's lock is needed.
EXPORTED void *scores_stream(void *batch) {
  auto *stream = static_cast<ArrowArrayStream *>(malloc(sizeof(ArrowArrayStream)));
  if (!stream || !open_stream(static_cast<Batch *>(batch), stream)) {
    free(stream);
    return PyErr_NoMemory();
  }
  return PyCapsule_New(stream, STREAM, release_capsule);
}
