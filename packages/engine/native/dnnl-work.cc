#include "dnnl-work.h"

namespace atelier {

void DnnlWork::addReorder(const dnnl::memory &from, const dnnl::memory &to) {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  dnnl::reorder::primitive_desc desc(dnnlEngine(), from.get_desc(), dnnlEngine(), to.get_desc(), attr);
  add(desc, dnnl::reorder(desc), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
}

dnnl::memory DnnlWork::toLayout(const dnnl::memory &from, const Desc &wanted) {
  if (from.get_desc() == wanted) return from;
  blocks_.push_back(makeBlock(wanted.get_size()));
  dnnl::memory copy = wrap(wanted, blocks_.back()->data);
  addReorder(from, copy);
  return copy;
}

dnnl::memory DnnlWork::fromLayout(const dnnl::memory &to, const Desc &given) {
  if (to.get_desc() == given) return to;
  blocks_.push_back(makeBlock(given.get_size()));
  dnnl::memory copy = wrap(given, blocks_.back()->data);
  after_.emplace_back(copy, to);
  return copy;
}

void DnnlWork::finish() {
  for (auto &pair : after_) addReorder(pair.first, pair.second);
  after_.clear();
}

void DnnlWork::run() {
  for (Stage &stage : stages_) {
    if (stage.padBytes > 0) stage.pad.set_data_handle(scratch(stage.padBytes));
    stage.primitive.execute(dnnlStream(), stage.arguments);
  }
  dnnlStream().wait();
}

}  // namespace atelier
