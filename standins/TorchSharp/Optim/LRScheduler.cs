namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            /// <summary>Base of the schedules: sets the learning rate of every group at each step.</summary>
            public abstract class LRScheduler
            {
                protected int _step_count;

                internal Optimizer _optimizer;
                internal int _last_epoch = -1;
                internal IList<double> _last_lrs;
                internal IList<double> _base_lrs;
                private readonly bool _verbose;

                protected LRScheduler()
                {
                }

                protected LRScheduler(Optimizer optimizer, int last_epoch = -1, bool verbose = false)
                {
                    ArgumentNullException.ThrowIfNull(optimizer);
                    _optimizer = optimizer;
                    _last_epoch = last_epoch;
                    _verbose = verbose;
                    _base_lrs = [.. optimizer.ParamGroups.Select(group => group.InitialLearningRate)];
                    _last_lrs = [.. optimizer.ParamGroups.Select(group => group.LearningRate)];
                }

                public virtual void step() => step(null);

                /// <summary>Goes to the next epoch or, by the closed form if there is one, to the given one.</summary>
                public virtual void step(int? epoch)
                {
                    _step_count += 1;
                    _last_epoch = epoch ?? _last_epoch + 1;
                    List<double> rates = [.. epoch.HasValue ? get_closed_form_lr() : get_lr()];
                    List<ILearningRateController> groups = [.. _optimizer.ParamGroups];
                    for (int i = 0; i < _base_lrs.Count; i++)
                    {
                        groups[i].LearningRate = rates[i];
                        if (_verbose && _last_lrs[i] != rates[i])
                        {
                            Console.WriteLine($"Adjusting learning rate to {rates[i]}");
                        }
                        _last_lrs[i] = rates[i];
                    }
                }

                public virtual void step(double current, int? epoch = null) => step(epoch);

                public IEnumerable<double> get_last_lr() => _last_lrs;

                protected virtual IEnumerable<double> get_lr() =>
                    _optimizer.ParamGroups.Select(group => group.LearningRate);

                protected virtual IEnumerable<double> get_closed_form_lr() => get_lr();

                /// <summary>Every group's rate now, times a factor.</summary>
                private protected IEnumerable<double> Scaled(double factor) =>
                    _optimizer.ParamGroups.Select(group => group.LearningRate * factor);
            }
        }
    }
}
