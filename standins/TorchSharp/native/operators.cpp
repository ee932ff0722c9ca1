// Every ATen operator through one door: looked up by name and overload, called boxed through the dispatcher, so that
// autograd, views and version counters behave as in any other call of it.
#include "shim.h"

#include <ATen/ScalarOps.h>
#include <ATen/core/Generator.h>
#include <ATen/core/List.h>
#include <ATen/core/dispatch/Dispatcher.h>

using at::Tensor;
using c10::IValue;
using Stack = torch::jit::Stack;

namespace shim {

// The type an operator's schema gives an argument, as far as it decides how a value is boxed.
enum class Kind : uint8_t { Other, Tensor, Float, Ints, Floats, Bools, Tensors, OptionalTensors, Numbers };

struct Operator {
    c10::OperatorHandle handle;
    std::vector<Kind> kinds;
    std::vector<Optional<IValue>> defaults;
};

namespace {

thread_local Stack stack_of_thread;
thread_local std::vector<Value> results;
thread_local std::string text_result;

Kind kind_of(c10::TypePtr type) {
    if (auto optional = type->cast<c10::OptionalType>()) {
        type = optional->getElementType();
    }
    switch (type->kind()) {
        case c10::TypeKind::TensorType:
            return Kind::Tensor;
        case c10::TypeKind::FloatType:
            return Kind::Float;
        case c10::TypeKind::ListType: {
            auto element = type->expect<c10::ListType>()->getElementType();
            switch (element->kind()) {
                case c10::TypeKind::OptionalType:
                    return Kind::OptionalTensors;
                case c10::TypeKind::TensorType:
                    return Kind::Tensors;
                case c10::TypeKind::FloatType:
                    return Kind::Floats;
                case c10::TypeKind::BoolType:
                    return Kind::Bools;
                case c10::TypeKind::NumberType:
                    return Kind::Numbers;
                default:
                    return Kind::Ints;
            }
        }
        default:
            return Kind::Other;
    }
}

// A number where a tensor is wanted must not take part in type promotion as a tensor would.
Tensor wrapped_number(const c10::Scalar& number) {
    Tensor tensor = c10::scalar_to_tensor(number);
    tensor.unsafeGetTensorImpl()->set_wrapped_number(true);
    return tensor;
}

template <class To, class From>
IValue boxed_list(const From* elements, int32_t count) {
    c10::List<To> list;
    list.reserve(count);
    for (int32_t i = 0; i < count; i++) {
        list.push_back(To(elements[i]));
    }
    return IValue(std::move(list));
}

IValue boxed_ints(Kind kind, const int64_t* elements, int32_t count) {
    switch (kind) {
        case Kind::Floats:
            return boxed_list<double>(elements, count);
        case Kind::Bools:
            return boxed_list<bool>(elements, count);
        case Kind::Numbers:
            return boxed_list<c10::Scalar>(elements, count);
        default:
            return boxed_list<int64_t>(elements, count);
    }
}

IValue boxed_tensors(Kind kind, void** handles, int32_t count) {
    if (kind == Kind::OptionalTensors) {
        c10::List<Optional<Tensor>> list;
        list.reserve(count);
        for (int32_t i = 0; i < count; i++) {
            list.push_back(handles[i] ? Optional<Tensor>(borrow(handles[i])) : Optional<Tensor>());
        }
        return IValue(std::move(list));
    }
    c10::List<Tensor> list;
    list.reserve(count);
    for (int32_t i = 0; i < count; i++) {
        list.push_back(borrow(handles[i]));
    }
    return IValue(std::move(list));
}

IValue default_of(const Operator& op, size_t position) {
    TORCH_CHECK(
        op.defaults[position].has_value(),
        op.handle.operator_name(), ": argument ", position, " has no default");
    return *op.defaults[position];
}

IValue boxed(const Operator& op, size_t position, const Value& value) {
    const Kind kind = op.kinds[position];
    switch (value.tag) {
        case kNone:
            return IValue();
        case kTensor:
            return IValue(borrow(value.p));
        case kInt:
            switch (kind) {
                case Kind::Float:
                    return IValue(static_cast<double>(value.i));
                case Kind::Tensor:
                    return IValue(wrapped_number(value.i));
                case Kind::Ints:
                case Kind::Floats:
                case Kind::Numbers:
                    return boxed_ints(kind, &value.i, 1);
                default:
                    return IValue(value.i);
            }
        case kDouble:
            return kind == Kind::Tensor ? IValue(wrapped_number(value.d)) : IValue(value.d);
        case kBool:
            return kind == Kind::Tensor ? IValue(wrapped_number(value.i != 0)) : IValue(value.i != 0);
        case kInts:
            return boxed_ints(kind, static_cast<const int64_t*>(value.p), value.count);
        case kDoubles: {
            auto* elements = static_cast<const double*>(value.p);
            return kind == Kind::Numbers ? boxed_list<c10::Scalar>(elements, value.count)
                                         : boxed_list<double>(elements, value.count);
        }
        case kTensors:
            return boxed_tensors(kind, static_cast<void**>(value.p), value.count);
        case kString:
            return IValue(std::string(static_cast<const char*>(value.p), static_cast<size_t>(value.count)));
        case kDevice:
            return IValue(c10::Device(
                static_cast<c10::DeviceType>(value.count), static_cast<c10::DeviceIndex>(value.i)));
        case kGenerator:
            return IValue(*static_cast<at::Generator*>(value.p));
        case kDefault:
            return default_of(op, position);
        default:
            TORCH_CHECK(false, op.handle.operator_name(), ": unknown tag ", value.tag, " for argument ", position);
    }
}

// The stack of the thread, emptied when the call is over. An operator that calls back into the shim finds a fresh one.
struct BorrowedStack {
    Stack stack;
    BorrowedStack() { stack.swap(stack_of_thread); }
    ~BorrowedStack() {
        stack.clear();
        stack.swap(stack_of_thread);
    }
};

void call(const Operator& op, const Value* arguments, int32_t count, Stack& stack) {
    const size_t wanted = op.kinds.size();
    TORCH_CHECK(
        static_cast<size_t>(count) <= wanted,
        op.handle.operator_name(), ": ", count, " arguments given, the schema has ", wanted);
    stack.reserve(wanted);
    for (int32_t i = 0; i < count; i++) {
        stack.push_back(boxed(op, i, arguments[i]));
    }
    for (size_t i = count; i < wanted; i++) {
        stack.push_back(default_of(op, i));
    }
    op.handle.callBoxed(&stack);
}

void append_result(IValue&& value) {
    if (value.isTensor()) {
        void* handle = release(std::move(value).toTensor());
        results.push_back(pointer_value(handle ? kTensor : kNone, handle));
    } else if (value.isInt()) {
        results.push_back(int_value(value.toInt()));
    } else if (value.isDouble()) {
        Value result{kDouble, 0, {0}};
        result.d = value.toDouble();
        results.push_back(result);
    } else if (value.isBool()) {
        Value result = int_value(value.toBool());
        result.tag = kBool;
        results.push_back(result);
    } else if (value.isTensorList()) {
        for (auto& tensor : std::move(value).toTensorVector()) {
            results.push_back(pointer_value(kTensor, release(std::move(tensor))));
        }
    } else if (value.isIntList()) {
        for (auto element : value.toIntVector()) {
            results.push_back(int_value(element));
        }
    } else {
        TORCH_CHECK(value.isNone(), "a result of type ", value.tagKind(), " has no managed form");
        results.push_back(Value{kNone, 0, {0}});
    }
}

// What was already handed out when a later result failed.
void free_results() {
    for (auto& result : results) {
        if (result.tag == kTensor) {
            Impl::reclaim(static_cast<at::TensorImpl*>(result.p));
        }
    }
    results.clear();
}

}  // namespace
}  // namespace shim

using namespace shim;

// The operator of that name and overload, or null. The result lives as long as the process.
SHIM_EXPORT Operator* shim_operator_find(const char* name, const char* overload) {
    return guarded<Operator*>(nullptr, [&] {
        auto handle = c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
        auto* op = new Operator{handle, {}, {}};
        for (const auto& argument : handle.schema().arguments()) {
            op->kinds.push_back(kind_of(argument.type()));
            op->defaults.push_back(argument.default_value());
        }
        return op;
    });
}

// Whether this libtorch has the operator: names and overloads come and go between versions.
SHIM_EXPORT int32_t shim_operator_exists(const char* name, const char* overload) {
    return guarded<int32_t>(
        0, [&] { return c10::Dispatcher::singleton().findSchema({name, overload}).has_value() ? 1 : 0; });
}

// How many arguments the operator's schema has here.
SHIM_EXPORT int32_t shim_operator_arity(const Operator* op) {
    return static_cast<int32_t>(op->kinds.size());
}

// Calls an operator that returns one tensor; in-place operators return one more reference to their argument.
SHIM_EXPORT void* shim_operator_call_one(const Operator* op, const Value* arguments, int32_t count) {
    return guarded<void*>(nullptr, [&]() -> void* {
        BorrowedStack borrowed;
        call(*op, arguments, count, borrowed.stack);
        TORCH_CHECK(
            borrowed.stack.size() == 1 && borrowed.stack[0].isTensor(),
            op->handle.operator_name(), " does not return one tensor");
        void* handle = release(std::move(borrowed.stack[0]).toTensor());
        TORCH_CHECK(handle != nullptr, op->handle.operator_name(), " returned an undefined tensor");
        return handle;
    });
}

// Calls any operator. The results, lists flattened, are valid until the thread's next call; returns their count or -1.
SHIM_EXPORT int32_t shim_operator_call(
    const Operator* op, const Value* arguments, int32_t count, const Value** returned) {
    return guarded<int32_t>(-1, [&] {
        BorrowedStack borrowed;
        call(*op, arguments, count, borrowed.stack);
        results.clear();
        try {
            for (auto& value : borrowed.stack) {
                append_result(std::move(value));
            }
        } catch (...) {
            free_results();
            throw;
        }
        *returned = results.data();
        return static_cast<int32_t>(results.size());
    });
}
