using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Copies, other element types, other devices, and random elements in place.
    public partial class Tensor
    {
        public Tensor clone() => Call.One(Aten.clone, this);

        public Tensor detach() => Call.One(Aten.detach, this);

        public Tensor detach_() => Call.InPlace(Aten.detach_, this);

        public Tensor copy_(Tensor source, bool nonBlocking = false) =>
            Call.InPlace(Aten.copy_, this, source, nonBlocking);

        public Tensor fill_(Scalar value) => Call.InPlace(Aten.fill__Scalar, this, value);

        // Unlike its siblings, this one returns another reference, as do tril_ and triu_.
        public Tensor zero_() => Call.One(Aten.zero_, this);

        public Tensor set_(Tensor source) => Call.InPlace(Aten.set__source_Tensor, this, source);

        public Tensor pin_memory() => Call.One(Aten.pin_memory, this);

        public Tensor normal_(double mean = 0, double std = 1, Generator? generator = null) =>
            Call.InPlace(Aten.normal_, this, mean, std, generator);

        public Tensor uniform_(double from, double to, Generator? generator = null) =>
            Call.InPlace(Aten.uniform_, this, from, to, generator);

        public Tensor bernoulli(Generator? generator = null) => Call.One(Aten.bernoulli, this, generator);

        public Tensor bernoulli_(double p = 0.5, Generator? generator = null) =>
            Call.InPlace(Aten.bernoulli__float, this, p, generator);

        public Tensor bernoulli_(Tensor p, Generator? generator = null) =>
            Call.InPlace(Aten.bernoulli__Tensor, this, p, generator);

        public Tensor exponential_(double lambda = 1, Generator? generator = null) =>
            Call.InPlace(Aten.exponential_, this, lambda, generator);

        public Tensor random_(double from, double to, Generator? generator = null) =>
            Call.InPlace(Aten.random__from, this, (long)from, (long)to, generator);

        public Tensor log_normal_(double mean = 0, double std = 1, Generator? generator = null) =>
            Call.InPlace(Aten.log_normal_, this, mean, std, generator);

        public Tensor cauchy_(double median = 0, double sigma = 1, Generator? generator = null) =>
            Call.InPlace(Aten.cauchy_, this, median, sigma, generator);

        public Tensor geometric_(double p, Generator? generator = null) =>
            Call.InPlace(Aten.geometric_, this, p, generator);

        public Tensor multinomial(long num_samples, bool replacement = false, Generator? generator = null) =>
            Call.One(Aten.multinomial, this, num_samples, replacement, generator);

        public Tensor poisson(Generator? generator = null) => Call.One(Aten.poisson, this, generator);

        public Tensor @bool() => to_type(ScalarType.Bool);

        public Tensor @byte() => to_type(ScalarType.Byte);

        public Tensor @char() => to_type(ScalarType.Int8);

        public Tensor @short() => to_type(ScalarType.Int16);

        public Tensor @int() => to_type(ScalarType.Int32);

        public Tensor @long() => to_type(ScalarType.Int64);

        public Tensor half() => to_type(ScalarType.Float16);

        public Tensor bfloat16() => to_type(ScalarType.BFloat16);

        public Tensor @float() => to_type(ScalarType.Float32);

        public Tensor @double() => to_type(ScalarType.Float64);

        public Tensor cfloat() => to_type(ScalarType.ComplexFloat32);

        public Tensor cdouble() => to_type(ScalarType.ComplexFloat64);

        public Tensor type(ScalarType dtype) => to_type(dtype);

        public Tensor type_as(Tensor tensor) => to_type(tensor.dtype);

        public Tensor cpu() => to(DeviceType.CPU);

        public Tensor cuda(Device? device = null, bool non_blocking = false) =>
            to(device ?? CUDA, non_blocking: non_blocking);

        public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(device), copy, disposeAfter, non_blocking);

        public Tensor to(
            DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false,
            bool non_blocking = false) =>
            to(new Device(deviceType, deviceIndex), copy, disposeAfter, non_blocking);

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            To(dtype, device, copy, disposeAfter, non_blocking);

        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            To(type, this.device, copy, disposeAfter, non_blocking);

        public Tensor to(
            ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            To(type, device, copy, disposeAfter, non_blocking);

        public Tensor to(Tensor other, bool non_blocking = false) =>
            To(other.dtype, other.device, false, false, non_blocking);

        public Tensor to_type(
            ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            To(type, device, copy, disposeAfter, non_blocking);

        // As in PyTorch, what already is as wanted is returned as one more reference to it.
        private Tensor To(ScalarType type, Device device, bool copy, bool disposeAfter, bool nonBlocking)
        {
            Device target = InitializeDevice(device);
            Tensor result = Call.One(Aten.to_device, this, target, type, nonBlocking, copy);
            if (disposeAfter)
            {
                Dispose();
            }

            return result;
        }
    }
}
