using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public long Dimensions => Info.Dimensions;

        public long NumberOfElements => Info.Elements;

        public long ElementSize => Info.ElementSize;

        public long ndim => Info.Dimensions;

        public unsafe long[] shape
        {
            get
            {
                TensorInfo info = Info;
                long[] sizes = new ReadOnlySpan<long>(info.Sizes, info.Dimensions).ToArray();
                GC.KeepAlive(this);
                return sizes;
            }
        }

        public ScalarType dtype => (ScalarType)Info.DType;

        public Device device
        {
            get
            {
                TensorInfo info = Info;
                return new Device((DeviceType)info.DeviceType, info.DeviceIndex);
            }
        }

        public DeviceType device_type => (DeviceType)Info.DeviceType;

        public int device_index => Info.DeviceIndex;

        public bool is_cuda => device_type == DeviceType.CUDA;

        public bool is_meta => device_type == DeviceType.META;

        public bool is_sparse => Info.IsSparse == 1;

        public bool is_leaf => Info.IsLeaf == 1;

        public bool requires_grad
        {
            get => Info.RequiresGrad == 1;
            set
            {
                Shim.Check(Shim.shim_tensor_set_requires_grad(Handle, value ? 1 : 0));
                GC.KeepAlive(this);
            }
        }

        /// <summary>The gradient that backward left here, or null.</summary>
        public unsafe Tensor? grad
        {
            get
            {
                int failed;
                nint gradient = Shim.shim_tensor_grad(Handle, &failed);
                GC.KeepAlive(this);
                Shim.Check(-failed);
                return gradient == 0 ? null : new Tensor(gradient);
            }

            set
            {
                Shim.Check(Shim.shim_tensor_set_grad(Handle, value is null ? 0 : value.Handle));
                GC.KeepAlive(this);
                GC.KeepAlive(value);
            }
        }

        public Tensor T => Call.One(Aten.numpy_T, this);

        public Tensor H => Call.One(Aten.matrix_H, this);

        public Tensor mT => Call.One(Aten.mT, this);

        public Tensor mH => Call.One(Aten.mH, this);

        public Tensor real => Call.One(Aten.real, this);

        public Tensor imag => Call.One(Aten.imag, this);

        internal unsafe TensorInfo Info
        {
            get
            {
                TensorInfo info;
                Shim.Check(Shim.shim_tensor_info(Handle, &info));
                GC.KeepAlive(this);
                return info;
            }
        }

        public long dim() => Info.Dimensions;

        public long numel() => Info.Elements;

        public long element_size() => Info.ElementSize;

        public long[] size() => shape;

        public unsafe long size(int dim)
        {
            TensorInfo info = Info;
            long length = info.Sizes[Position(dim, info.Dimensions)];
            GC.KeepAlive(this);
            return length;
        }

        public unsafe long[] stride()
        {
            TensorInfo info = Info;
            long[] strides = new ReadOnlySpan<long>(info.Strides, info.Dimensions).ToArray();
            GC.KeepAlive(this);
            return strides;
        }

        public unsafe long stride(int dim)
        {
            TensorInfo info = Info;
            long step = info.Strides[Position(dim, info.Dimensions)];
            GC.KeepAlive(this);
            return step;
        }

        public long storage_offset() => Info.StorageOffset;

        public bool is_contiguous() => Info.IsContiguous == 1;

        public bool is_cpu() => device_type == DeviceType.CPU;

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_integral() => torch.is_integral(dtype);

        public bool is_complex() => torch.is_complex(dtype);

        public bool is_conj() => Info.IsConjugate == 1;

        public bool is_nonzero() => Call.Truth(Aten.is_nonzero, this);

        public bool is_pinned() => Call.Truth(Aten.is_pinned, this);

        public Tensor requires_grad_(bool requires_grad = true) => with_requires_grad(requires_grad);

        public Tensor with_requires_grad(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        /// <summary>Keeps the gradient of a tensor that is not a leaf.</summary>
        public void retain_grad()
        {
            Shim.Check(Shim.shim_tensor_retain_grad(Handle));
            GC.KeepAlive(this);
        }

        public void backward() => autograd.backward(this);

        public void backward(
            IList<Tensor>? grad_tensors = null,
            bool create_graph = false,
            bool retain_graph = false,
            IList<Tensor>? inputs = null) =>
            // The package hands the two on by position, where they stand the other way round.
            autograd.backward(this, grad_tensors, retain_graph: create_graph, create_graph: retain_graph, inputs);

        private static int Position(int dim, int dimensions)
        {
            int position = dim < 0 ? dim + dimensions : dim;
            return position >= 0 && position < dimensions
                ? position
                : throw new IndexOutOfRangeException(
                    $"Dimension {dim} is out of range: the tensor has {dimensions} dimensions.");
        }
    }
}
