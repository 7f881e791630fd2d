// Captured steps, as JavaScript records and replays them.
#include <omp.h>

#include "addon.h"

namespace atelier {

namespace {

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

}  // namespace

void exportPrograms(Napi::Env env, Napi::Object exports) {
  exports.Set("beginCapture", Napi::Function::New(env, BeginCapture));
  exports.Set("endCapture", Napi::Function::New(env, EndCapture));
  exports.Set("replay", Napi::Function::New(env, Replay));
  exports.Set("disposeProgram", Napi::Function::New(env, DisposeProgram));
  exports.Set("profile", Napi::Function::New(env, Profile));
  exports.Set("wait", Napi::Function::New(env, Wait));
}

}  // namespace atelier
