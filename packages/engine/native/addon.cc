// The door to JavaScript: what it calls by name, and the settings.
#include "addon.h"

#include <omp.h>

#include "precision.h"

namespace atelier {

State *state = nullptr;

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

namespace {

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

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  if (state != nullptr) throw Napi::Error::New(env, "the engine is open in another thread of this process");
  state = new State();
  env.AddCleanupHook([] {
    state->executor.stop();
    delete state;
    state = nullptr;
  });
  exportBlocks(env, exports);
  exportPrograms(env, exports);
  exports.Set("run", Napi::Function::New(env, Run));
  exports.Set("has", Napi::Function::New(env, Has));
  exports.Set("setThreads", Napi::Function::New(env, SetThreads));
  exports.Set("setProducts", Napi::Function::New(env, SetProducts));
  exports.Set("isa", dnnlIsa());
  exports.Set("bf16", hasBf16Instructions() ? "instructions" : hasBf16Kernels() ? "emulated" : "none");
  exports.Set("version", dnnlVersion());
  return exports;
}

}  // namespace

}  // namespace atelier

static Napi::Object Init(Napi::Env env, Napi::Object exports) { return atelier::Init(env, exports); }

NODE_API_MODULE(atelier_onednn, Init)
