using System.Reflection;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            private DeviceType _deviceType = DeviceType.CPU;
            private int _deviceIndex = -1;

            /// <summary>Whether buffers of integers are converted too, as in the package's native modules.</summary>
            internal virtual bool ConvertsIntegers => false;

            protected internal virtual Module _to(Device device, ScalarType dtype, bool non_blocking)
            {
                CheckFloating(dtype);
                CheckAvailable(device.type);
                _toEpilog(device, dtype, non_blocking);
                return this;
            }

            protected internal virtual Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
            {
                if (deviceType != DeviceType.CUDA)
                {
                    deviceIndex = -1;
                }
                CheckAvailable(deviceType);
                if (deviceType != _deviceType || deviceIndex != _deviceIndex)
                {
                    _toEpilog(deviceType, deviceIndex, non_blocking);
                }
                return this;
            }

            protected internal virtual Module _to(ScalarType dtype, bool non_blocking)
            {
                CheckFloating(dtype);
                _toEpilog(dtype, non_blocking);
                return this;
            }

            public Module _to(Tensor other, bool non_blocking)
            {
                _to(other.dtype, non_blocking);
                return _to(other.device_type, other.device_index, non_blocking);
            }

            protected void _toEpilog(ScalarType dtype, bool non_blocking) => MoveAll(dtype, null, non_blocking);

            protected void _toEpilog(Device device, ScalarType dtype, bool non_blocking) =>
                MoveAll(dtype, device, non_blocking);

            protected void _toEpilog(DeviceType deviceType, int deviceIndex, bool non_blocking) =>
                MoveAll(null, new Device(deviceType, deviceIndex), non_blocking);

            protected static (Device device, ScalarType dtype) GetDefaultDeviceAndType(
                Device device = null, ScalarType? dtype = null) =>
                (device ?? get_default_device(), dtype ?? get_default_dtype());

            /// <summary>Moves a module that a factory has just made to what the caller asked for, if anything.</summary>
            internal T MoveModule<T>(Device device, ScalarType? dtype) where T : Module =>
                (T)(device is null
                    ? dtype is { } type ? _to(type, false) : this
                    : dtype is { } wanted ? _to(device, wanted, false) : _to(device.type, device.index, false));

            private void MoveAll(ScalarType? dtype, Device device, bool non_blocking)
            {
                foreach (var (_, child) in named_children())
                {
                    if (device is null)
                    {
                        child._to(dtype.Value, non_blocking);
                    }
                    else if (dtype is null)
                    {
                        child._to(device.type, device.index, non_blocking);
                    }
                    else
                    {
                        child._to(device, dtype.Value, non_blocking);
                    }
                }

                Dictionary<string, FieldInfo> fields =
                    GetType().GetFields(InstanceFields).ToDictionary(field => field.ComponentName());
                foreach (var (parameterName, parameter) in named_parameters(false).ToList())
                {
                    if (Moved(parameter, dtype, device, non_blocking) is not { } moved)
                    {
                        continue;
                    }
                    ConditionallyRegisterParameter(parameterName, moved);
                    if (fields.TryGetValue(parameterName, out FieldInfo field))
                    {
                        field.SetValue(this, moved);
                    }
                }
                foreach (var (bufferName, buffer) in named_buffers(false).ToList())
                {
                    (ScalarType type, Device place) = Target(buffer, dtype, device);
                    if (dtype is { } converted && ConvertsIntegers)
                    {
                        type = converted;
                    }

                    if (!IsElsewhere(buffer, type, place))
                    {
                        continue;
                    }
                    Tensor moved = buffer.to(type, place, disposeAfter: true, non_blocking: non_blocking)
                        .DetachFromDisposeScope();
                    ConditionallyRegisterBuffer(bufferName, moved);
                    if (fields.TryGetValue(bufferName, out FieldInfo field))
                    {
                        field.SetValue(this, moved);
                    }
                }

                if (device is not null)
                {
                    _deviceType = device.type;
                    _deviceIndex = device.index;
                }
            }

            /// <summary>The parameter that takes the place of one that is not where it should be, outside every
            /// dispose scope and with its gradient; the old one is disposed. Null if it is there already.</summary>
            private static Parameter Moved(Parameter parameter, ScalarType? dtype, Device device, bool non_blocking)
            {
                (ScalarType type, Device place) = Target(parameter, dtype, device);
                using Tensor grad = parameter.grad;
                if (!IsElsewhere(parameter, type, place) && (grad is null || !IsElsewhere(grad, type, place)))
                {
                    return null;
                }
                // Under no_grad the copy is a leaf of its own, so that it can collect gradients.
                using IDisposable noGrad = no_grad();
                Tensor data = IsElsewhere(parameter, type, place)
                    ? parameter.to(type, place, non_blocking: non_blocking)
                    : parameter.alias();
                var moved = new Parameter(data, parameter.requires_grad);
                moved.DetachFromDisposeScope();
                if (grad is not null)
                {
                    using Tensor movedGrad = grad.to(type, place, copy: true, non_blocking: non_blocking);
                    moved.grad = movedGrad;
                }
                parameter.Dispose();
                return moved;
            }

            private static (ScalarType Type, Device Place) Target(Tensor tensor, ScalarType? dtype, Device device)
            {
                ScalarType own = tensor.dtype;
                bool converts = dtype is not null && (is_floating_point(own) || is_complex(own));
                return (converts ? dtype.Value : own, device ?? tensor.device);
            }

            private static bool IsElsewhere(Tensor tensor, ScalarType dtype, Device device) =>
                tensor.dtype != dtype || tensor.device_type != device.type ||
                (device.index >= 0 && tensor.device_index != device.index);

            private static void CheckFloating(ScalarType dtype)
            {
                if (!is_floating_point(dtype) && !is_complex(dtype))
                {
                    throw new ArgumentException(
                        $"nn.Module.to only accepts floating point or complex types, but got desired dtype={dtype}");
                }
            }

            private static void CheckAvailable(DeviceType type)
            {
                if (type == DeviceType.CUDA && !cuda.is_available())
                {
                    throw new InvalidOperationException("CUDA is not available.");
                }
            }
        }
    }
}
