using TorchSharp.Interop;

namespace TorchSharp;

// Copies and random elements.
public static partial class torch
{
    public static Tensor bernoulli(Tensor input, Generator? generator = null) => input.bernoulli(generator);

    public static Tensor clone(Tensor input) => input.clone();

    public static Tensor multinomial(
        Tensor input, long num_samples, bool replacement = false, Generator? generator = null) =>
        input.multinomial(num_samples, replacement, generator);

    public static Tensor normal(Tensor mean, Tensor std, Generator? generator = null) =>
        Call.One(Aten.normal_Tensor_Tensor, mean, std, generator);

    public static Tensor poisson(Tensor input, Generator? generator = null) => input.poisson(generator);
}
