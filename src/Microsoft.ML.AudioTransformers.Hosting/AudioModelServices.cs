using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.ML.AudioTransformers.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds audio models to the services of an app.</summary>
public static class AudioModelServices
{
    /// <summary>
    /// Adds a model under a name. It is loaded when the app starts, stays in memory once, and answers requests through
    /// <see cref="AudioModelPool"/> or <c>[FromKeyedServices("name")] IAudioScorer</c>.
    /// </summary>
    /// <param name="services">Services of the app.</param>
    /// <param name="name">Name of the model, not blank, and not that of another one.</param>
    /// <param name="path">Path of the model, as <c>mlContext.Model.Save</c> writes it.</param>
    /// <param name="configure">Changes the options; null for the defaults. Default: null.</param>
    /// <exception cref="ArgumentException">There is a model of that name already.</exception>
    public static IServiceCollection AddAudioModel(
        this IServiceCollection services, string name, string path, Action<AudioModelOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (services.Any(service => (service.ImplementationInstance as AddedModel)?.Name == name))
        {
            throw new ArgumentException($"Model '{name}' is added already; expected another name.", nameof(name));
        }

        services.AddOptions<AudioModelOptions>(name).Configure(options => options.Path = path);
        if (configure is not null)
        {
            services.Configure(name, configure);
        }

        services.AddSingleton(new AddedModel(name));
        services.AddKeyedSingleton(name, (provider, _) => provider.GetRequiredService<AudioModelPool>()[name]);
        if (services.All(service => service.ServiceType != typeof(AudioModelPool)))
        {
            services.TryAddSingleton(CreatePool);
            services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<AudioModelPool>());
        }

        return services;
    }

    private static AudioModelPool CreatePool(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptionsMonitor<AudioModelOptions>>();
        return new AudioModelPool(
            provider.GetServices<AddedModel>().Select(model => (model.Name, options.Get(model.Name))),
            provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance,
            provider.GetService<IMeterFactory>(),
            provider.GetService<IHostApplicationLifetime>());
    }

    /// <summary>Name of a model that is added.</summary>
    private sealed record AddedModel(string Name);
}
