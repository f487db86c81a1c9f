#pragma once
/// Objects on pool memory: creation that can be refused, destruction that gives it back.

#include <new>
#include <utility>

#include "hawser/memory_pool.h"

namespace hawser {

/// A new `T`, or nullptr if the pool refuses.
template <typename T, typename... Arguments>
[[nodiscard]] T* pool_new(MemoryPool& pool, Arguments&&... arguments) {
  void* memory = pool.allocate(sizeof(T));
  return memory == nullptr ? nullptr : new (memory) T{std::forward<Arguments>(arguments)...};
}

template <typename T>
void pool_delete(MemoryPool& pool, T* object) {
  if (object == nullptr) return;
  object->~T();
  pool.release(object, sizeof(T));
}

}  // namespace hawser
