// What the parts of the door to JavaScript share. Blocks are known by numbers that are never reused, so that a stale one is an error, not an
// access.
#pragma once
#include <napi.h>

#include <unordered_map>

#include "dnnl-api.h"
#include "program.h"

namespace atelier {

struct State {
  std::unordered_map<double, Block> blocks;
  std::unordered_map<double, std::shared_ptr<Program>> programs;
  double nextId = 1;
  size_t blockBytes = 0;
  std::shared_ptr<Program> recording;
  Executor executor;
  int threads = 1;
};

// Of this process; null outside of an environment's life.
extern State *state;

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

double numberAt(const Napi::CallbackInfo &info, size_t at);
Block &blockOf(Napi::Env env, double id);

// Each adds its functions to what JavaScript gets.
void exportBlocks(Napi::Env env, Napi::Object exports);
void exportPrograms(Napi::Env env, Napi::Object exports);

}  // namespace atelier
