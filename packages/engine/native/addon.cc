// The door to JavaScript. Blocks are known by numbers that are never reused, so that a stale one is an error, not an access.
#include <napi.h>
#include <omp.h>

#include <atomic>
#include <cstring>
#include <unordered_map>

#include "conversion.h"
#include "dnnl-api.h"
#include "precision.h"
#include "program.h"

namespace {

using namespace atelier;

struct State {
  std::unordered_map<double, Block> blocks;
  std::unordered_map<double, std::shared_ptr<Program>> programs;
  double nextId = 1;
  size_t blockBytes = 0;
  std::shared_ptr<Program> recording;
  Executor executor;
  int threads = 1;
};

State *state = nullptr;

// Runs `body` and turns C++ failures into JavaScript ones.
template <typename Body>
auto guarded(Napi::Env env, const Body &body) -> decltype(body()) {
  try {
    return body();
  } catch (const std::bad_alloc &) {
    throw Napi::Error::New(env, "out of memory: use a smaller batch or model, or free memory");
  } catch (const OpError &error) {
    throw Napi::Error::New(env, error.what());
  } catch (const dnnl::error &error) {
    throw Napi::Error::New(env, std::string("oneDNN: ") + error.what());
  } catch (const std::exception &error) {
    throw Napi::Error::New(env, error.what());
  }
}

double numberAt(const Napi::CallbackInfo &info, size_t at) {
  if (info.Length() <= at || !info[at].IsNumber()) {
    throw Napi::TypeError::New(info.Env(), "argument " + std::to_string(at) + " should be a number");
  }
  return info[at].As<Napi::Number>().DoubleValue();
}

Block &blockOf(Napi::Env env, double id) {
  auto found = state->blocks.find(id);
  if (found == state->blocks.end()) throw Napi::Error::New(env, "no such block: its tensor is disposed");
  return found->second;
}

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

// A list of an operation's operands or numbers; a list can claim to be of any length.
Napi::Array listAt(const Napi::CallbackInfo &info, size_t at, const char *what) {
  if (info.Length() <= at || !info[at].IsArray()) {
    throw Napi::TypeError::New(info.Env(), "argument " + std::to_string(at) + " should be a list of " + what);
  }
  auto list = info[at].As<Napi::Array>();
  if (list.Length() > 1000000) throw Napi::RangeError::New(info.Env(), std::string("a shorter list of ") + what + " expected");
  return list;
}

std::vector<Block> blocksAt(const Napi::CallbackInfo &info, size_t at) {
  auto list = listAt(info, at, "blocks");
  std::vector<Block> blocks(list.Length());
  for (uint32_t i = 0; i < blocks.size(); i++) {
    Napi::Value item = list[i];
    const double id = item.ToNumber().DoubleValue();
    if (id != 0) blocks[i] = blockOf(info.Env(), id);  // 0 stands for an operand that is not there
  }
  return blocks;
}

std::vector<double> numbersAt(const Napi::CallbackInfo &info, size_t at) {
  auto list = listAt(info, at, "numbers");
  std::vector<double> numbers(list.Length());
  for (uint32_t i = 0; i < numbers.size(); i++) {
    Napi::Value item = list[i];
    numbers[i] = item.ToNumber().DoubleValue();
  }
  return numbers;
}

// run(operation, numbers, inputs, outputs)
void Run(const Napi::CallbackInfo &info) {
  if (info.Length() < 1 || !info[0].IsString()) throw Napi::TypeError::New(info.Env(), "operation: a name expected");
  const std::string name = info[0].As<Napi::String>();
  const Op op = findOp(name);
  if (op == nullptr) throw Napi::Error::New(info.Env(), "no operation is called " + name);
  Call call(name, numbersAt(info, 1), blocksAt(info, 2), blocksAt(info, 3),
            state->recording ? state->recording->arena() : nullptr);
  guarded(info.Env(), [&] {
    state->executor.waitIdle();
    omp_set_num_threads(state->threads);
    Work work = op(call);
    work = call.complete(std::move(work));
    work();
    if (state->recording) state->recording->add(call, std::move(work));
  });
}

Napi::Value Has(const Napi::CallbackInfo &info) {
  return Napi::Boolean::New(info.Env(), findOp(info[0].ToString().Utf8Value()) != nullptr);
}

void BeginCapture(const Napi::CallbackInfo &info) {
  if (state->recording) throw Napi::Error::New(info.Env(), "a capture is already under way");
  state->recording = std::make_shared<Program>();
}

// endCapture(keep) -> program, or undefined where it is thrown away
Napi::Value EndCapture(const Napi::CallbackInfo &info) {
  if (!state->recording) throw Napi::Error::New(info.Env(), "no capture is under way");
  auto program = std::move(state->recording);
  state->recording = nullptr;
  program->seal();
  if (!info[0].ToBoolean().Value()) return info.Env().Undefined();
  const double id = state->nextId++;
  state->programs.emplace(id, std::move(program));
  return Napi::Number::New(info.Env(), id);
}

std::shared_ptr<Program> &programAt(const Napi::CallbackInfo &info) {
  auto found = state->programs.find(numberAt(info, 0));
  if (found == state->programs.end()) throw Napi::Error::New(info.Env(), "no such program: it is disposed");
  return found->second;
}

struct Ending {
  Napi::Promise::Deferred deferred;
  std::string error;
};

// replay(program) -> Promise that settles when it is done; the work is off this thread
Napi::Value Replay(const Napi::CallbackInfo &info) {
  Napi::Env env = info.Env();
  auto program = programAt(info);
  auto *ending = new Ending{Napi::Promise::Deferred::New(env), ""};
  Napi::Promise promise = ending->deferred.Promise();
  auto settle = Napi::ThreadSafeFunction::New(env, Napi::Function(), "atelier.replay", 0, 1);
  const int count = state->threads;
  state->executor.submit([program, ending, settle, count]() mutable {
    omp_set_num_threads(count);
    try {
      program->replay();
    } catch (const std::exception &error) {
      ending->error = error.what();
    }
    settle.NonBlockingCall(ending, [](Napi::Env env, Napi::Function, Ending *ending) {
      if (env != nullptr) {
        if (ending->error.empty()) ending->deferred.Resolve(env.Undefined());
        else ending->deferred.Reject(Napi::Error::New(env, ending->error).Value());
      }
      delete ending;
    });
    settle.Release();
  });
  return promise;
}

void DisposeProgram(const Napi::CallbackInfo &info) {
  programAt(info);
  state->executor.waitIdle();
  state->programs.erase(numberAt(info, 0));
}

// profile(program) -> { replays, arenaBytes, steps: [{ name, seconds }] } since the last call
Napi::Value Profile(const Napi::CallbackInfo &info) {
  auto program = programAt(info);
  state->executor.waitIdle();
  auto result = Napi::Object::New(info.Env());
  auto steps = Napi::Array::New(info.Env());
  for (const auto &step : program->steps()) {
    auto entry = Napi::Object::New(info.Env());
    entry.Set("name", step.name);
    entry.Set("seconds", step.seconds);
    steps.Set(steps.Length(), entry);
  }
  result.Set("replays", static_cast<double>(program->replays()));
  result.Set("arenaBytes", static_cast<double>(program->arena()->bytes()));
  result.Set("steps", steps);
  program->resetTimes();
  return result;
}

void Wait(const Napi::CallbackInfo &) { state->executor.waitIdle(); }

void SetThreads(const Napi::CallbackInfo &info) {
  const double count = numberAt(info, 0);
  if (!(count >= 1 && count <= 1024)) throw Napi::RangeError::New(info.Env(), "threads: 1 to 1024 expected");
  state->threads = static_cast<int>(count);
}

// setProducts(how): what the products of later operations multiply; programs keep what they were recorded with
void SetProducts(const Napi::CallbackInfo &info) {
  const std::string how = info.Length() > 0 ? info[0].ToString().Utf8Value() : "";
  if (how == "fp32") setProducts(Products::fp32);
  else if (how == "bf16-rounded") setProducts(Products::bf16Rounded);
  else if (how == "bf16-native" && hasBf16Kernels()) setProducts(Products::bf16Native);
  else if (how == "bf16-native") throw Napi::Error::New(info.Env(), "oneDNN multiplies no bf16 on this CPU");
  else throw Napi::RangeError::New(info.Env(), "products: fp32, bf16-rounded or bf16-native expected");
}

Napi::Value Memory(const Napi::CallbackInfo &info) {
  auto result = Napi::Object::New(info.Env());
  result.Set("blocks", static_cast<double>(state->blocks.size()));
  result.Set("blockBytes", static_cast<double>(state->blockBytes));
  result.Set("cachedBytes", static_cast<double>(pool().cachedBytes()));
  return result;
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  if (state != nullptr) throw Napi::Error::New(env, "the engine is open in another thread of this process");
  state = new State();
  env.AddCleanupHook([] {
    state->executor.stop();
    delete state;
    state = nullptr;
  });
  exports.Set("alloc", Napi::Function::New(env, Alloc));
  exports.Set("share", Napi::Function::New(env, Share));
  exports.Set("same", Napi::Function::New(env, Same));
  exports.Set("release", Napi::Function::New(env, Release));
  exports.Set("view", Napi::Function::New(env, View));
  exports.Set("write", Napi::Function::New(env, Write));
  exports.Set("read", Napi::Function::New(env, Read));
  exports.Set("run", Napi::Function::New(env, Run));
  exports.Set("has", Napi::Function::New(env, Has));
  exports.Set("beginCapture", Napi::Function::New(env, BeginCapture));
  exports.Set("endCapture", Napi::Function::New(env, EndCapture));
  exports.Set("replay", Napi::Function::New(env, Replay));
  exports.Set("disposeProgram", Napi::Function::New(env, DisposeProgram));
  exports.Set("profile", Napi::Function::New(env, Profile));
  exports.Set("wait", Napi::Function::New(env, Wait));
  exports.Set("setThreads", Napi::Function::New(env, SetThreads));
  exports.Set("setProducts", Napi::Function::New(env, SetProducts));
  exports.Set("isa", dnnlIsa());
  exports.Set("bf16", hasBf16Instructions() ? "instructions" : hasBf16Kernels() ? "emulated" : "none");
  exports.Set("memory", Napi::Function::New(env, Memory));
  exports.Set("version", atelier::dnnlVersion());
  return exports;
}

}  // namespace

NODE_API_MODULE(atelier_onednn, Init)
