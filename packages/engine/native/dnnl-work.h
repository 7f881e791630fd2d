// A oneDNN primitive with its memories, ready to run again and again.
#pragma once
#include <memory>
#include <unordered_map>

#include "dnnl-api.h"
#include "op.h"

namespace atelier {

class DnnlWork {
 public:
  // Appends a primitive and its arguments; the scratchpad is added.
  template <typename PrimitiveDesc>
  void add(const PrimitiveDesc &desc, const dnnl::primitive &primitive, std::unordered_map<int, dnnl::memory> arguments) {
    dnnl::memory pad(desc.scratchpad_desc(), dnnlEngine(), nullptr);
    arguments.emplace(DNNL_ARG_SCRATCHPAD, pad);
    stages_.push_back({primitive, std::move(arguments), pad, desc.scratchpad_desc().get_size()});
  }

  static dnnl::memory wrap(const Desc &desc, const void *data) {
    return dnnl::memory(desc, dnnlEngine(), const_cast<void *>(data));
  }

  // The memory in the layout a primitive wants: itself, or a copy made each time before what follows.
  dnnl::memory toLayout(const dnnl::memory &from, const Desc &wanted);

  // A memory that a primitive writes in its own layout, and after it a copy into `to`; call finish() once the primitive is added.
  dnnl::memory fromLayout(const dnnl::memory &to, const Desc &given);
  void finish();

  void run();
  Work work() && {
    auto self = std::make_shared<DnnlWork>(std::move(*this));
    return [self] { self->run(); };
  }

 private:
  struct Stage {
    dnnl::primitive primitive;
    std::unordered_map<int, dnnl::memory> arguments;
    dnnl::memory pad;
    size_t padBytes;
  };
  void addReorder(const dnnl::memory &from, const dnnl::memory &to);
  std::vector<Stage> stages_;
  std::vector<std::pair<dnnl::memory, dnnl::memory>> after_;
  std::vector<Block> blocks_;
};

}  // namespace atelier
