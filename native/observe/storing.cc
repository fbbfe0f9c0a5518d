// SPDX-License-Identifier: Apache-2.0
// How the attributes of a file are set, and removed.
#include <utility>

#include "native/observe/finaliser.h"
#include "native/observe/inode_attributes.h"

namespace sluice {

void Finaliser::answer(std::vector<ObserveAnswer> answers) {
  std::vector<Storing> storing;
  std::vector<AttributeSetter::Task> tasks;
  for (ObserveAnswer& answer : answers) {
    auto node = offers_.extract(answer.token);
    if (!node) continue;
    Offer& offer = node.mapped();
    if (!answer.changes) {
      refuse(std::move(offer), answer.changes.failure());
    } else if (auto prepared = prepare(std::move(offer))) {
      tasks.push_back({prepared->file.fd(), std::move(*answer.changes)});
      storing.push_back(std::move(*prepared));
    }
  }
  if (tasks.empty()) return;
  setter_->run(tasks);
  // A look for each file would cost more than most of them do.
  if (programs_) programs_->look_for_misses();
  for (size_t i = 0; i < tasks.size(); ++i) settle(std::move(storing[i]), tasks[i].done);
}

void Finaliser::refuse(Offer offer, const Failure& why) {
  const bool differs = why.kind == FailureKind::differs;
  const Result<bool> removed = differs ? false : remove(offer.fd.get(), settings_.attributes);
  give_up(std::move(offer.candidate), removed ? why : removed.failure());
}

std::optional<Finaliser::Storing> Finaliser::prepare(Offer offer) {
  const Stamps& then = offer.report.stamps;
  // Before it is adopted, which waits until the stamps of a file that has just changed tell.
  const Result<Stamps> now = stamps_of(offer.fd.get());
  if (!now || *now != then) {
    fail(std::move(offer.candidate), {FailureKind::changed});
    return std::nullopt;
  }
  Result<SourceFile> file = SourceFile::adopt(std::move(offer.fd));
  if (!file) {
    fail(std::move(offer.candidate), file.failure());
    return std::nullopt;
  }
  if (file->stamps() != then || !is_unchanged(file->fd(), offer.view)) {
    fail(std::move(offer.candidate), {FailureKind::changed});
    return std::nullopt;
  }
  return Storing{std::move(offer), std::move(*file)};
}

void Finaliser::settle(Storing storing, const Result<>& set) {
  auto& [offer, file] = storing;
  const Result<Stamps> after = set ? file.unwritten() : Result<Stamps>(set.failure());
  if (!after || is_doubtful(offer) || !watch(file.fd(), offer.view)) {
    const Result<bool> removed = remove(file.fd(), settings_.attributes);
    const Failure failure = after ? Failure{FailureKind::changed} : after.failure();
    return fail(std::move(offer.candidate), removed ? failure : removed.failure());
  }
  offer.report.stamps = *after;
  conclude(std::move(offer));
}

Result<bool> Finaliser::remove(int fd, const std::vector<std::string>& names) {
  if (names.empty()) return false;
  return setter_->remove(fd, names);
}

void Finaliser::tell_removed(int fd, Report report, const Result<bool>& removed) {
  if (!removed) {
    report.kind = Report::Kind::unknown;
    report.failure = removed.failure();
  }
  name_inode(fd, report);
  outbox_.put(std::move(report));
}

}  // namespace sluice
