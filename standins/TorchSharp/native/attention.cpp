// Scaled dot-product attention on the host where libtorch has no fused kernel of its own (before 2.1): a few rows of the
// matrix of weights at a time, which stay in the cache, and none kept for the gradient, which makes them again. So
// attention takes memory that grows with the tokens and not with their square, as the package's does.
#include "shim.h"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>

using at::Tensor;
using namespace shim;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

// Weights that are made at a time. Products of bfloat16 gain more from being large than from a cache that is near.
int64_t weights_at_a_time(const Tensor& like) {
    return like.scalar_type() == at::kFloat ? 1 << 18 : 1 << 21;
}

// The part of the work that is done at a time: some rows of queries of one head, or all of several heads.
struct Blocks {
    int64_t heads, rows;

    Blocks(const Tensor& query, const Tensor& key) {
        const int64_t most = weights_at_a_time(query), all_rows = query.size(2), keys = key.size(2);
        rows = std::clamp<int64_t>(most / keys, std::min<int64_t>(16, all_rows), all_rows);
        // As few blocks, but of one size.
        const int64_t in_head = (all_rows + rows - 1) / rows;
        rows = (all_rows + in_head - 1) / in_head;
        heads = std::clamp<int64_t>(most / (rows * keys), 1, query.size(1));
    }

    // Room for the weights of a block, (heads, rows, keys).
    Tensor room(const Tensor& like, int64_t keys) const {
        return at::empty({heads, rows, keys}, like.options());
    }

    // Calls body(sample, first head, heads, first row, rows).
    template <class Body>
    void for_each(const Tensor& query, Body&& body) const {
        for (int64_t sample = 0; sample < query.size(0); sample++) {
            for (int64_t head = 0; head < query.size(1); head += heads) {
                for (int64_t row = 0; row < query.size(2); row += rows) {
                    body(
                        sample, head, std::min(heads, query.size(1) - head), row,
                        std::min(rows, query.size(2) - row));
                }
            }
        }
    }
};

// Some heads of a sample of (B, H, N, D), a view (heads, N, D).
Tensor heads_of(const Tensor& tensor, int64_t sample, int64_t head, int64_t heads) {
    return tensor.select(0, sample).narrow(0, head, heads);
}

// An empty (B, H, N, D) whose heads lie side by side, as a projection behind takes them: (B, N, H D) is a view of it.
Tensor heads_side_by_side(const Tensor& like) {
    return at::empty({like.size(0), like.size(2), like.size(1), like.size(3)}, like.options()).transpose(1, 2);
}

// As much of a block's room as its weights take.
Tensor part_of(const Tensor& room, int64_t heads, int64_t rows) {
    return heads == room.size(0) && rows == room.size(1) ? room
        : room.view(-1).narrow(0, 0, heads * rows * room.size(2)).view({heads, rows, room.size(2)});
}

// softmax(q k^T), in place; q is scaled.
void make_weights(Tensor& weights, const Tensor& query, const Tensor& key) {
    at::bmm_out(weights, query, key.transpose(1, 2));
    at::_softmax_out(weights, weights, -1, false);
}

Tensor attend(const Tensor& query, const Tensor& key, const Tensor& value) {
    const Tensor scaled = query.mul(1 / std::sqrt(static_cast<double>(query.size(3))));
    Tensor mixed = heads_side_by_side(query);
    const Blocks blocks(query, key);
    const Tensor room = blocks.room(query, key.size(2));
    blocks.for_each(query, [&](int64_t sample, int64_t head, int64_t heads, int64_t row, int64_t rows) {
        Tensor weights = part_of(room, heads, rows);
        make_weights(
            weights, heads_of(scaled, sample, head, heads).narrow(1, row, rows), heads_of(key, sample, head, heads));
        Tensor target = heads_of(mixed, sample, head, heads).narrow(1, row, rows);
        at::bmm_out(target, weights, heads_of(value, sample, head, heads));
    });
    return mixed;
}

class Attention : public torch::autograd::Function<Attention> {
  public:
    static Tensor forward(AutogradContext* context, const Tensor& query, const Tensor& key, const Tensor& value) {
        context->save_for_backward({query, key, value});
        return attend(query, key, value);
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        TORCH_CHECK(!at::GradMode::is_enabled(), "attention in blocks has no second derivative");
        const variable_list saved = context->get_saved_variables();
        const Tensor &query = saved[0], &key = saved[1], &value = saved[2];
        const double scale = 1 / std::sqrt(static_cast<double>(query.size(3)));
        const Tensor scaled = query.mul(scale);
        Tensor of_query = at::empty(query.sizes(), query.options());
        Tensor of_key = at::zeros(key.sizes(), key.options()), of_value = at::zeros(value.sizes(), value.options());
        const Blocks blocks(query, key);
        const Tensor room = blocks.room(query, key.size(2)), other_room = blocks.room(query, key.size(2));
        blocks.for_each(query, [&](int64_t sample, int64_t head, int64_t heads, int64_t row, int64_t rows) {
            const Tensor q = heads_of(scaled, sample, head, heads).narrow(1, row, rows);
            const Tensor k = heads_of(key, sample, head, heads), v = heads_of(value, sample, head, heads);
            const Tensor of_mixed = heads_of(gradients[0], sample, head, heads).narrow(1, row, rows);
            Tensor weights = part_of(room, heads, rows), of_weights = part_of(other_room, heads, rows);
            make_weights(weights, q, k);
            heads_of(of_value, sample, head, heads).baddbmm_(weights.transpose(1, 2), of_mixed);
            at::bmm_out(of_weights, of_mixed, v.transpose(1, 2));
            at::_softmax_backward_data_out(of_weights, of_weights, weights, -1, weights.scalar_type());
            Tensor of_q = heads_of(of_query, sample, head, heads).narrow(1, row, rows);
            at::bmm_out(of_q, of_weights, k);
            heads_of(of_key, sample, head, heads).baddbmm_(of_weights.transpose(1, 2), q);
        });
        return {of_query.mul_(scale), of_key, of_value};
    }
};

bool is_plain(const Tensor& tensor) {
    return tensor.dim() == 4 && tensor.is_cpu() && tensor.layout() == at::kStrided && tensor.numel() > 0 &&
        (tensor.scalar_type() == at::kFloat || tensor.scalar_type() == at::kBFloat16);
}

bool fits(const Tensor& query, const Tensor& other) {
    return is_plain(other) && other.scalar_type() == query.scalar_type() && other.size(0) == query.size(0) &&
        other.size(1) == query.size(1) && other.size(3) == query.size(3);
}

}  // namespace

// Whether shim_attention takes these: (B, H, N, D) on the host, of one type, not broadcast.
SHIM_EXPORT int32_t shim_attention_fits(void* query, void* key, void* value) {
    return guarded<int32_t>(0, [&]() -> int32_t {
        Tensor q = borrow(query), k = borrow(key), v = borrow(value);
        return is_plain(q) && fits(q, k) && fits(q, v) && k.size(2) == v.size(2);
    });
}

// softmax(q k^T / sqrt(d)) v (Vaswani et al., "Attention is all you need", 2017, equation 1).
SHIM_EXPORT void* shim_attention(void* query, void* key, void* value) {
    return guarded<void*>(nullptr, [&]() -> void* {
        return release(Attention::apply(borrow(query), borrow(key), borrow(value)));
    });
}
