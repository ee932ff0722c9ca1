using System.Reflection;
using TorchSharp.Modules;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Base of all modules: a tree of submodules with named parameters and buffers.</summary>
        public partial class Module : IDisposable
        {
            private const BindingFlags InstanceFields =
                BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance;

            protected string name;
            protected OrderedDict<string, Module> _internal_submodules = new();
            protected OrderedDict<string, (Tensor, bool)> _internal_buffers = new();
            protected OrderedDict<string, Parameter> _internal_params = new();

            private bool _areComponentsRegistered;
            private bool _isTraining = true;
            private bool _isDisposed;

            protected Module(string name) => this.name = name;

            public virtual bool training => _isTraining;

            public virtual string GetName() => name;

            public virtual void train(bool train = true)
            {
                _isTraining = train;
                foreach (var (_, child) in named_children())
                {
                    child.train(train);
                }
            }

            public virtual void eval() => train(false);

            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (var (_, parameter) in named_parameters())
                {
                    using Tensor grad = parameter.grad;
                    if (grad is null)
                    {
                        continue;
                    }
                    if (set_to_none)
                    {
                        parameter.grad = null;
                    }
                    else
                    {
                        grad.zero_().Dispose();
                    }
                }
            }

            public virtual Module apply(Action<Module> fn)
            {
                foreach (var (_, child) in _internal_submodules)
                {
                    child.apply(fn);
                }
                fn(this);
                return this;
            }

            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<IntPtr>();
                foreach (var (parameterName, parameter) in _internal_params)
                {
                    if (!parameter.IsInvalid && seen.Add(parameter.Handle))
                    {
                        yield return (parameterName, parameter);
                    }
                }
                if (!recurse)
                {
                    yield break;
                }
                foreach (var (childName, child) in _internal_submodules)
                {
                    foreach (var (parameterName, parameter) in child.named_parameters(true))
                    {
                        if (seen.Add(parameter.Handle))
                        {
                            yield return ($"{childName}.{parameterName}", parameter);
                        }
                    }
                }
            }

            // The package lists persistent buffers only, whatever include_nonpersistent says; so `to` and `Dispose`
            // leave the others alone.
            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(
                bool recurse = true, bool include_nonpersistent = true)
            {
                var seen = new HashSet<IntPtr>();
                foreach (var (bufferName, (buffer, persistent)) in _internal_buffers)
                {
                    if (persistent && !buffer.IsInvalid && seen.Add(buffer.Handle))
                    {
                        yield return (bufferName, buffer);
                    }
                }
                if (!recurse)
                {
                    yield break;
                }
                foreach (var (childName, child) in _internal_submodules)
                {
                    foreach (var (bufferName, buffer) in child.named_buffers(true, include_nonpersistent))
                    {
                        if (seen.Add(buffer.Handle))
                        {
                            yield return ($"{childName}.{bufferName}", buffer);
                        }
                    }
                }
            }

            public virtual IEnumerable<(string name, Module module)> named_children() => _internal_submodules;

            public virtual IEnumerable<(string name, Module module)> named_modules()
            {
                foreach (var child in _internal_submodules)
                {
                    yield return child;
                }
                foreach (var (childName, child) in _internal_submodules)
                {
                    foreach (var (moduleName, module) in child.named_modules())
                    {
                        yield return ($"{childName}.{moduleName}", module);
                    }
                }
            }

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) =>
                named_parameters(recurse).Select(item => item.parameter);

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
                named_buffers(recurse, include_nonpersistent).Select(item => item.buffer);

            public virtual IEnumerable<Module> children() => named_children().Select(item => item.module);

            public virtual IEnumerable<Module> modules() => named_modules().Select(item => item.module);

            public virtual bool has_parameter(string target) =>
                _internal_params.ContainsKey(target) ||
                Child(target, out Module child, out string rest) && child.has_parameter(rest);

            public virtual bool has_buffer(string target) =>
                _internal_buffers.ContainsKey(target) ||
                Child(target, out Module child, out string rest) && child.has_buffer(rest);

            public virtual Parameter get_parameter(string target) =>
                _internal_params.TryGetValue(target, out Parameter parameter) ? parameter
                : Child(target, out Module child, out string rest) ? child.get_parameter(rest)
                : null;

            public virtual Tensor get_buffer(string target)
            {
                ArgumentNullException.ThrowIfNull(target);
                return _internal_buffers.TryGetValue(target, out (Tensor Value, bool) buffer) ? buffer.Value
                    : Child(target, out Module child, out string rest) ? child.get_buffer(rest)
                    : null;
            }

            public virtual void register_parameter(string name, Parameter param)
            {
                if (param is null || param.IsInvalid)
                {
                    throw new ArgumentNullException(
                        nameof(param), $"A null tensor cannot be registered as the parameter '{name}'.");
                }
                if (_internal_params.ContainsKey(name))
                {
                    throw new InvalidOperationException($"Parameter {name} is already registered.");
                }
                _internal_params.Add(name, param);
            }

            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                if (tensor is null || tensor.IsInvalid)
                {
                    throw new ArgumentNullException(
                        nameof(tensor), $"A null tensor cannot be registered as the buffer '{name}'.");
                }
                if (_internal_buffers.ContainsKey(name))
                {
                    throw new InvalidOperationException($"Tensor {name} is already registered.");
                }
                _internal_buffers.Add(name, (tensor, persistent));
            }

            public virtual void register_module(string name, Module submodule)
            {
                if (submodule is null || submodule._isDisposed)
                {
                    _internal_submodules.Remove(name);
                    return;
                }
                if (string.IsNullOrEmpty(name) || name.Contains('.'))
                {
                    throw new ArgumentException(
                        $"A submodule's name is neither empty nor has a dot in it, got: '{name}'.", nameof(name));
                }
                if (_internal_submodules.ContainsKey(name))
                {
                    throw new InvalidOperationException($"Sub-module {name} is already registered.");
                }
                submodule.RegisterComponents();
                _internal_submodules.Add(name, submodule);
            }

            public void add_module(string name, Module module) => register_module(name, module);

            /// <summary>Registers every field that holds a module, a parameter or a tensor, under its own name.</summary>
            protected virtual void RegisterComponents()
            {
                if (_areComponentsRegistered)
                {
                    return;
                }
                foreach (FieldInfo field in GetType().GetFields(InstanceFields))
                {
                    string component = field.ComponentName();
                    if (_internal_submodules.ContainsKey(component) || _internal_params.ContainsKey(component) ||
                        _internal_buffers.ContainsKey(component))
                    {
                        continue;
                    }
                    switch (field.GetValue(this))
                    {
                        case Module module:
                            register_module(component, module);
                            break;
                        case Parameter parameter:
                            register_parameter(component, parameter);
                            break;
                        case Tensor buffer:
                            register_buffer(component, buffer);
                            break;
                    }
                }
                _areComponentsRegistered = true;
            }

            protected void ConditionallyRegisterParameter(string name, Tensor value)
            {
                if (value is null)
                {
                    _internal_params.Remove(name);
                }
                else
                {
                    _internal_params[name] = value as Parameter ?? new Parameter(value);
                }
            }

            protected void ConditionallyRegisterBuffer(string name, Tensor value, bool persistent = true)
            {
                if (value is null)
                {
                    _internal_buffers.Remove(name);
                }
                else
                {
                    _internal_buffers[name] = (value, persistent);
                }
            }

            /// <summary>Puts another parameter in the place of one of a built-in module's own.</summary>
            internal void ReplaceParameter(string name, ref Parameter field, Parameter value)
            {
                ArgumentNullException.ThrowIfNull(value, name);
                field = value;
                ConditionallyRegisterParameter(name, value);
            }

            /// <summary>Puts another buffer in the place of one of a built-in module's own.</summary>
            internal void ReplaceBuffer(string name, ref Tensor field, Tensor value)
            {
                ArgumentNullException.ThrowIfNull(value, name);
                field = value;
                ConditionallyRegisterBuffer(name, value);
            }

            protected void ClearModules() => _internal_submodules.clear();

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing || _isDisposed)
                {
                    return;
                }
                _isDisposed = true;
                foreach (var (_, buffer) in named_buffers(false).ToList())
                {
                    buffer.Dispose();
                }
                foreach (var (_, parameter) in named_parameters(false).ToList())
                {
                    parameter.Dispose();
                }
                foreach (var (_, module) in named_modules().ToList())
                {
                    module.Dispose();
                }
            }

            private bool Child(string target, out Module child, out string rest)
            {
                int dot = target.IndexOf('.');
                rest = dot < 0 ? null : target[(dot + 1)..];
                string first = dot < 0 ? null : target[..dot];
                child = dot < 0 ? null : named_children().FirstOrDefault(item => item.name == first).module;
                return child is not null;
            }
        }
    }
}
