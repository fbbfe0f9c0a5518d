// SPDX-License-Identifier: Apache-2.0
#include "native/libbpf/programs/link.h"

#include <bpf/bpf.h>

#include <cerrno>

#include "native/file/binding.h"
#include "native/libbpf/arguments.h"
#include "native/libbpf/map.h"
#include "native/libbpf/names.h"
#include "native/libbpf/programs/attach.h"
#include "native/libbpf/programs/program.h"
#include "native/libbpf/refusal.h"
#include "native/libbpf/room.h"

namespace sluice {

void BpfLink::register_class(Napi::Env env, Napi::Object exports) {
  exports.Set("BpfLink", DefineClass(env, "BpfLink",
                                     {
                                         InstanceMethod("info", &BpfLink::info),
                                         InstanceMethod("iterate", &BpfLink::iterate),
                                         InstanceMethod("update", &BpfLink::update),
                                         InstanceMethod("pin", &BpfLink::pin),
                                         InstanceMethod("detach", &BpfLink::detach),
                                         InstanceMethod("close", &BpfLink::close),
                                     }));
}

// new BpfLink('program', program, kind, options), ('map', map), ('pinned', path)
BpfLink::BpfLink(const Napi::CallbackInfo& info) : Napi::ObjectWrap<BpfLink>(info) {
  Napi::Env env = info.Env();
  const std::string from = text_of(info[0], "The source of a link");
  LogScope log(env);
  std::string action;
  Needs needs;
  if (from == "program") {
    const BpfProgram* program = BpfProgram::of(info[1], "The program");
    program->fd(env);
    name_ = program->name();
    action = "attach the program " + name_;
    if (!program->in_object()) throw refusal(env, action, EOPNOTSUPP, "it does not come from an object\n");
    expect_room(env, action);
    object_ = program->object();
    needs = needs_of_attachment(bpf_program__type(program->in_object()));
    attachment_ =
        attach(text_of(info[2], "The hook"), program->in_object(), object_of(info[3], "What is to be attached to"));
  } else if (from == "map") {
    const BpfMap* map = BpfMap::of(info[1], "The map");
    map->fd(env);
    name_ = map->name();
    action = "attach the map " + name_;
    if (!map->in_object()) throw refusal(env, action, EOPNOTSUPP, "it does not come from an object\n");
    expect_room(env, action);
    object_ = map->object();
    needs = {"CAP_BPF"};
    attachment_.link = bpf_map__attach_struct_ops(map->in_object());
  } else {
    name_ = text_of(info[1], "The path");
    action = "open the link " + name_;
    attachment_.link = bpf_link__open(name_.c_str());
  }
  const int error = errno;
  if (!attachment_.link && !attachment_.detach) throw refusal(env, action, error, log.warnings(), needs);
}

BpfLink::~BpfLink() { release(); }

int BpfLink::release() {
  // libbpf gives a link up whatever comes of it; what else is attached can be tried again.
  const int error = attachment_.link     ? bpf_link__destroy(attachment_.link)
                    : attachment_.detach ? attachment_.detach()
                                         : 0;
  if (error && attachment_.detach) return error;
  attachment_ = {};
  object_.reset();
  return error;
}

bpf_link* BpfLink::link(Napi::Env env) const {
  if (attachment_.link) return attachment_.link;
  if (!attachment_.detach) throw closed(env, "The link of " + name_);
  throw refusal(env, what("use"), EOPNOTSUPP, "it was attached the old way, for which the kernel has no link\n");
}

Napi::Value BpfLink::info(const Napi::CallbackInfo& info) {
  const int fd = bpf_link__fd(link(info.Env()));
  bpf_link_info described{};
  uint32_t size = sizeof(described);
  if (bpf_link_get_info_by_fd(fd, &described, &size) != 0) throw refusal(info.Env(), what("describe"), errno);
  Napi::Object to = Napi::Object::New(info.Env());
  to.Set("fd", fd);
  to.Set("id", described.id);
  to.Set("type", name_or_number(libbpf_bpf_link_type_str(static_cast<bpf_link_type>(described.type)), described.type));
  to.Set("programId", described.prog_id);
  return to;
}

// iterate(): a descriptor from which the output of the link's iterator program is read.
Napi::Value BpfLink::iterate(const Napi::CallbackInfo& info) {
  const auto output = std::make_shared<UniqueFd>(bpf_iter_create(bpf_link__fd(link(info.Env()))));
  if (!*output) throw refusal(info.Env(), what("iterate"), errno);
  return descriptor_to(info.Env(), output);
}

// update(program): the link's hook runs another program from now on, none in between.
void BpfLink::update(const Napi::CallbackInfo& info) {
  const BpfProgram* program = BpfProgram::of(info[0], "The program");
  if (bpf_link_update(bpf_link__fd(link(info.Env())), program->fd(info.Env()), nullptr) != 0) {
    throw refusal(info.Env(), what("update"), errno);
  }
}

void BpfLink::pin(const Napi::CallbackInfo& info) {
  const std::string path = text_of(info[0], "The path");
  const int error = bpf_link__pin(link(info.Env()), path.c_str());
  if (error) throw refusal(info.Env(), what("pin"), -error);
}

// detach(): even where a pin or another process holds the link.
void BpfLink::detach(const Napi::CallbackInfo& info) {
  if (!attachment_.link && attachment_.detach) {
    close(info);
  } else if (bpf_link__detach(link(info.Env())) != 0) {
    throw refusal(info.Env(), what("detach"), errno);
  }
}

void BpfLink::close(const Napi::CallbackInfo& info) {
  if (const int error = release()) throw refusal(info.Env(), what("detach"), -error);
}

}  // namespace sluice
