// Blocks, as JavaScript makes, sees and lets go of them.
#include <omp.h>

#include <cmath>
#include <cstring>

#include "addon.h"
#include "conversion.h"

namespace atelier {

namespace {

size_t bytesAt(const Napi::CallbackInfo &info, size_t at) {
  const double bytes = numberAt(info, at);
  if (!(bytes >= 0 && bytes <= 70368744177664.0) || bytes != std::floor(bytes)) {
    throw Napi::RangeError::New(info.Env(), "bytes: a whole number from 0 expected");
  }
  return static_cast<size_t>(bytes);
}

Napi::Value known(Napi::Env env, Block block) {
  state->blockBytes += block->size;
  const double id = state->nextId++;
  state->blocks.emplace(id, std::move(block));
  return Napi::Number::New(env, id);
}

// alloc(bytes, temporary, half) -> id. During a capture, what an operation computes is temporary: its memory is the program's own.
// What JavaScript writes is not: it must keep its values from one replay to the next. `half`: its numbers are bf16.
Napi::Value Alloc(const Napi::CallbackInfo &info) {
  const size_t bytes = bytesAt(info, 0);
  const bool temporary = info.Length() > 1 && info[1].ToBoolean().Value();
  const bool half = info.Length() > 2 && info[2].ToBoolean().Value();
  return guarded(info.Env(), [&] {
    Block block = makeBlock(bytes, temporary && state->recording ? state->recording->arena() : nullptr);
    block->half = half;
    return known(info.Env(), std::move(block));
  });
}

// share(id) -> another number for the same block
Napi::Value Share(const Napi::CallbackInfo &info) {
  return known(info.Env(), blockOf(info.Env(), numberAt(info, 0)));
}

// same(id, id) -> whether both are one block
Napi::Value Same(const Napi::CallbackInfo &info) {
  const Block &a = blockOf(info.Env(), numberAt(info, 0));
  return Napi::Boolean::New(info.Env(), a == blockOf(info.Env(), numberAt(info, 1)));
}

// release(id)
void Release(const Napi::CallbackInfo &info) {
  const double id = numberAt(info, 0);
  Block &block = blockOf(info.Env(), id);
  // a replay under way may still work in it, outside of its own arena
  if (!block->arena) state->executor.waitIdle();
  state->blockBytes -= block->size;
  state->blocks.erase(id);
}

// view(id, bytes) -> ArrayBuffer over the block itself, which lives as long as either
Napi::Value View(const Napi::CallbackInfo &info) {
  Block block = blockOf(info.Env(), numberAt(info, 0));
  const size_t bytes = bytesAt(info, 1);
  if (bytes > block->size) throw Napi::RangeError::New(info.Env(), "view: more bytes than the block has");
  if (block->half) throw Napi::Error::New(info.Env(), "view: the block holds bf16, which JavaScript has no array for");
  state->executor.waitIdle();
  if (bytes == 0) return Napi::ArrayBuffer::New(info.Env(), 0);
  void *data = block->data;
  auto *held = new Block(std::move(block));
  return Napi::ArrayBuffer::New(
      info.Env(), data, bytes, [](Napi::Env, void *, Block *gone) { delete gone; }, held);
}

void bytesOf(const Napi::CallbackInfo &info, size_t at, uint8_t *&data, size_t &length) {
  if (info.Length() <= at || !info[at].IsTypedArray()) {
    throw Napi::TypeError::New(info.Env(), "argument " + std::to_string(at) + " should be a typed array");
  }
  auto array = info[at].As<Napi::TypedArray>();
  data = static_cast<uint8_t *>(array.ArrayBuffer().Data()) + array.ByteOffset();
  length = array.ByteLength();
}

// write(id, typedArray): copies in
void Write(const Napi::CallbackInfo &info) {
  Block &block = blockOf(info.Env(), numberAt(info, 0));
  uint8_t *data;
  size_t length;
  bytesOf(info, 1, data, length);
  if (length > block->size) throw Napi::RangeError::New(info.Env(), "write: more bytes than the block has");
  state->executor.waitIdle();
  // the array may be a view of the block itself
  if (length > 0) std::memmove(block->data, data, length);
}

// read(id, typedArray): copies out; bf16 into floats as the numbers it stands for
void Read(const Napi::CallbackInfo &info) {
  Block &block = blockOf(info.Env(), numberAt(info, 0));
  uint8_t *data;
  size_t length;
  bytesOf(info, 1, data, length);
  if (block->half && info[1].As<Napi::TypedArray>().TypedArrayType() == napi_float32_array) {
    if (length / 2 > block->size) throw Napi::RangeError::New(info.Env(), "read: more numbers than the block has");
    state->executor.waitIdle();
    omp_set_num_threads(state->threads);
    widen(static_cast<const Bf16 *>(block->data), reinterpret_cast<float *>(data), static_cast<int64_t>(length / 4));
    return;
  }
  if (length > block->size) throw Napi::RangeError::New(info.Env(), "read: more bytes than the block has");
  state->executor.waitIdle();
  if (length > 0) std::memmove(data, block->data, length);
}

Napi::Value Memory(const Napi::CallbackInfo &info) {
  auto result = Napi::Object::New(info.Env());
  result.Set("blocks", static_cast<double>(state->blocks.size()));
  result.Set("blockBytes", static_cast<double>(state->blockBytes));
  result.Set("cachedBytes", static_cast<double>(pool().cachedBytes()));
  return result;
}

}  // namespace

void exportBlocks(Napi::Env env, Napi::Object exports) {
  exports.Set("alloc", Napi::Function::New(env, Alloc));
  exports.Set("share", Napi::Function::New(env, Share));
  exports.Set("same", Napi::Function::New(env, Same));
  exports.Set("release", Napi::Function::New(env, Release));
  exports.Set("view", Napi::Function::New(env, View));
  exports.Set("write", Napi::Function::New(env, Write));
  exports.Set("read", Napi::Function::New(env, Read));
  exports.Set("memory", Napi::Function::New(env, Memory));
}

}  // namespace atelier
