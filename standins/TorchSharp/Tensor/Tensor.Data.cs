using System.Globalization;
using TorchSharp.Interop;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The bytes of a contiguous tensor on the host.</summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                TensorInfo info = Info;
                CheckHost(info);
                if (info.IsContiguous != 1)
                {
                    throw new NotImplementedException("Bytes() called on non-contiguous tensor.");
                }

                return new Span<byte>(info.Data, checked((int)(info.Elements * info.ElementSize)));
            }

            set
            {
                Span<byte> own = bytes;
                if (own.Length != value.Length)
                {
                    throw new ArgumentException(
                        $"{value.Length} bytes were given for a tensor of {own.Length} bytes.");
                }

                value.CopyTo(own);
                GC.KeepAlive(this);
            }
        }

        /// <summary>The elements of a tensor on the host.</summary>
        /// <exception cref="ArgumentException">The elements are not of type <typeparamref name="T"/>.</exception>
        public TensorAccessor<T> data<T>()
            where T : unmanaged
        {
            TensorInfo info = Info;
            CheckHost(info);
            CheckType(typeof(T), (ScalarType)info.DType);
            return new TensorAccessor<T>(this);
        }

        /// <summary>The only element.</summary>
        /// <exception cref="ArgumentException">
        /// There is not exactly one, or it is not of type <typeparamref name="T"/>.
        /// </exception>
        public unsafe T item<T>()
            where T : unmanaged
        {
            TensorInfo info = Info;
            if (info.Elements != 1)
            {
                throw new ArgumentException(
                    $"Number of elements in the tensor must be 1, and it is {info.Elements}.");
            }

            CheckHost(info);
            CheckType(typeof(T), (ScalarType)info.DType);
            T element = *(T*)info.Data;
            GC.KeepAlive(this);
            return element;
        }

        /// <summary>The only element, whatever its type.</summary>
        public Scalar ToScalar() => Call.Number(Aten.item, this);

        public T ReadCpuValue<T>(long i)
            where T : unmanaged
        {
            using TensorAccessor<T> elements = data<T>();
            return elements.At(i);
        }

        public bool ReadCpuBool(long i) => ReadCpuValue<bool>(i);

        public byte ReadCpuByte(long i) => ReadCpuValue<byte>(i);

        public sbyte ReadCpuSByte(long i) => ReadCpuValue<sbyte>(i);

        public short ReadCpuInt16(long i) => ReadCpuValue<short>(i);

        public int ReadCpuInt32(long i) => ReadCpuValue<int>(i);

        public long ReadCpuInt64(long i) => ReadCpuValue<long>(i);

        public float ReadCpuSingle(long i) => ReadCpuValue<float>(i);

        public double ReadCpuDouble(long i) => ReadCpuValue<double>(i);

        /// <summary>The shape, element type and device, and the element of a tensor without dimensions.</summary>
        public override string ToString()
        {
            if (IsInvalid)
            {
                return "Tensor (disposed)";
            }

            TensorInfo info = Info;
            string text = $"[{string.Join('x', shape)}], type = {(ScalarType)info.DType}, device = {device}";
            return info.Dimensions == 0 && !is_meta && !is_complex()
                ? $"{text}, value = {ToScalar().ToDouble().ToString(CultureInfo.InvariantCulture)}"
                : text;
        }

        /// <summary>Writes the elements in the order of the dimensions, as bytes of this machine.</summary>
        public void WriteBytesToStream(Stream stream, int bufferSize = 1024)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor host = cpu().contiguous();
            for (ReadOnlySpan<byte> left = host.bytes; left.Length > 0;)
            {
                int count = Math.Min(bufferSize, left.Length);
                stream.Write(left[..count]);
                left = left[count..];
            }
        }

        /// <summary>Reads the elements in the order of the dimensions, as bytes of this machine.</summary>
        public void ReadBytesFromStream(Stream stream, int bufferSize = 1024)
        {
            for (Span<byte> left = bytes; left.Length > 0;)
            {
                int count = Math.Min(bufferSize, left.Length);
                stream.ReadExactly(left[..count]);
                left = left[count..];
            }

            GC.KeepAlive(this);
        }

        private static void CheckHost(in TensorInfo info)
        {
            if ((DeviceType)info.DeviceType != DeviceType.CPU)
            {
                throw new InvalidOperationException(
                    "Reading data from non-CPU memory is not supported. " +
                    "Move or copy the tensor to the cpu before reading.");
            }
        }

        private static void CheckType(Type wanted, ScalarType type)
        {
            if (wanted != ElementTypeOf(type))
            {
                throw new ArgumentException($"{wanted.Name} is not compatible with {type}");
            }
        }
    }

    /// <summary>The C# type of a tensor's elements.</summary>
    internal static Type ElementTypeOf(ScalarType type) => type switch
    {
        ScalarType.Byte => typeof(byte),
        ScalarType.Int8 => typeof(sbyte),
        ScalarType.Int16 => typeof(short),
        ScalarType.Int32 => typeof(int),
        ScalarType.Int64 => typeof(long),
        ScalarType.Float16 => typeof(Half),
        ScalarType.Float32 or ScalarType.BFloat16 => typeof(float),
        ScalarType.Float64 => typeof(double),
        ScalarType.Bool => typeof(bool),
        ScalarType.ComplexFloat32 => typeof((float, float)),
        ScalarType.ComplexFloat64 => typeof(System.Numerics.Complex),
        _ => throw new NotSupportedException($"Element type {type} is not supported."),
    };

    /// <summary>The type of the elements of a tensor made from C#'s values.</summary>
    internal static ScalarType ScalarTypeOf(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Byte => ScalarType.Byte,
        TypeCode.SByte => ScalarType.Int8,
        TypeCode.Int16 => ScalarType.Int16,
        TypeCode.Int32 => ScalarType.Int32,
        TypeCode.Int64 => ScalarType.Int64,
        TypeCode.Single => ScalarType.Float32,
        TypeCode.Double => ScalarType.Float64,
        TypeCode.Boolean => ScalarType.Bool,
        _ when type == typeof(Half) => ScalarType.Float16,
        _ when type == typeof((float, float)) => ScalarType.ComplexFloat32,
        _ when type == typeof(System.Numerics.Complex) => ScalarType.ComplexFloat64,
        _ => throw new NotSupportedException($"Elements of type {type} are not supported."),
    };
}
